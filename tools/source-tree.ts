/**
 * The project's own files: what is written by hand, without what is installed, built or recorded.
 */
import { readdirSync } from "node:fs";

/** Folders that hold no source, wherever they stand. */
const skipped = new Set(["node_modules", ".build", ".frugal", ".git"]);

/** Paths of all files below `root`, relative to it, with `/`, in order. */
export function projectFiles(root: string): readonly string[] {
  const files: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(`${root}/${folder}`, { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!skipped.has(entry.name)) walk(path);
      } else if (entry.isFile()) files.push(path);
    }
  };
  walk("");
  return files.sort();
}

/** Whether `path` is recorded input of a test, which follows the rules of where it was recorded. */
export const isFixture = (path: string): boolean => /(^|\/)fixtures\//.test(path);

/** Whether `path` is a test or belongs to one. */
export const isTest = (path: string): boolean => testPattern.test(path);
export const testPattern = /\.test\.ts$|^packages\/[^/]+\/test\/|^test\//;
