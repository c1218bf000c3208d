/**
 * The project's files as the house rules see them, and what a rule is.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Problem } from "../problem.ts";
import { projectFiles } from "../source-tree.ts";

export interface House {
  /** Paths from the root of the project, in order. */
  readonly files: readonly string[];
  /** The text of one of `files`. */
  read(path: string): string;
}

/** Something that every file, folder or document must keep to. */
export interface HouseRule {
  /** What must hold. */
  readonly rule: string;
  check(house: House): readonly Problem[] | Promise<readonly Problem[]>;
}

/** The house on disk. */
export const houseAt = (root: string): House => ({
  files: projectFiles(root),
  read: (path) => readFileSync(resolve(root, path), "utf8"),
});

/** A house in memory: texts by path. */
export const houseOf = (texts: Readonly<Record<string, string>>): House => ({
  files: Object.keys(texts).sort(),
  read: (path) => texts[path] ?? "",
});

/** Lines of `text`; a last line end opens no further line. */
export const linesOf = (text: string): readonly string[] => text.replace(/\n$/, "").split("\n");
