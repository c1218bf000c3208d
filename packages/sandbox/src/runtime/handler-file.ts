/**
 * The file that a handler's name stands for, seen from outside: catches a misspelt handler before anything is started.
 */
import { statSync } from "node:fs";
import path from "node:path";

/** `stem` is relative to `codeDirectory`; the first of `endings` that makes it a file counts. */
export function findFile(
  codeDirectory: string,
  stem: string,
  endings: readonly string[],
): string | undefined {
  const root = path.resolve(codeDirectory);
  const base = path.resolve(root, stem);
  if (!base.startsWith(root + path.sep)) return undefined;
  return endings
    .map((ending) => base + ending)
    .find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

/** `module.export` apart; undefined where there is no export or no module. */
export function splitHandler(handler: string): { module: string; exported: string } | undefined {
  const dot = handler.indexOf(".", handler.lastIndexOf("/") + 1);
  const module = handler.slice(0, dot);
  const exported = handler.slice(dot + 1);
  const isComplete = dot > 0 && !module.endsWith("/") && exported !== "";
  return isComplete ? { module, exported } : undefined;
}
