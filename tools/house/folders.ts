import { basename, dirname } from "node:path";
import { isFixture, isTest } from "../source-tree.ts";
import type { HouseRule } from "./house.ts";

const MOST_FILES = 12;
const vague = new Set([
  "util",
  "utils",
  "helper",
  "helpers",
  "type",
  "types",
  "common",
  "manager",
  "managers",
  "misc",
]);

/** Folders stand for concepts, and are small enough to read at a glance. */
export const folders: HouseRule = {
  rule: `folders are named after concepts and hold at most ${MOST_FILES} source files`,
  check: ({ files }) => {
    const sources = files.filter((path) => /\.(ts|mjs|js|c|h|py)$/.test(path) && !isFixture(path));
    const counts = new Map<string, number>();
    for (const path of sources) {
      const folder = dirname(path);
      counts.set(folder, (counts.get(folder) ?? 0) + (isTest(path) ? 0 : 1));
    }
    return [...counts].flatMap(([folder, count]) => [
      ...(vague.has(basename(folder))
        ? [
            {
              file: `${folder}/`,
              problem: "its name says a kind of code, not a concept",
              remedy: "Put each file beside what it belongs to",
            },
          ]
        : []),
      ...(count > MOST_FILES
        ? [
            {
              file: `${folder}/`,
              problem: `it holds ${count} source files, at most ${MOST_FILES} are allowed`,
              remedy: "Find the concepts among them and give each a folder",
            },
          ]
        : []),
    ]);
  },
};
