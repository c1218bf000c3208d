import { basename } from "node:path";
import { isFixture } from "../source-tree.ts";
import type { HouseRule } from "./house.ts";

const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+$/;
/** Python's imports take no hyphen. */
const snake = /^[a-z0-9_]+\.py$/;
const shouted = /^[A-Z]+\.md$/;

/** Names of source files and documents. */
export const fileNames: HouseRule = {
  rule: "file names are kebab-case",
  check: ({ files }) =>
    files
      .filter((path) => /\.(ts|mjs|js|c|h|py|md)$/.test(path) && !isFixture(path))
      .filter((path) => ![kebab, snake, shouted].some((pattern) => pattern.test(basename(path))))
      .map((file) => ({
        file,
        problem: "its name is not kebab-case",
        remedy: "Name it after its main export, in small letters with hyphens: power-meter.ts",
      })),
};
