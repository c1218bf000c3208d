/**
 * A folder without a manifest as one function: runtime and handler from the files that are there, name from the folder.
 */
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { FrugalError, parseFunctionName } from "@frugal/core";
import type { Deployable, FunctionSettings } from "./deployable.ts";

/** Files that make a folder a function, best first. */
const entries = [
  { file: "index.mjs", runtime: "nodejs", handler: "index.handler" },
  { file: "index.js", runtime: "nodejs", handler: "index.handler" },
  { file: "index.cjs", runtime: "nodejs", handler: "index.handler" },
  { file: "handler.mjs", runtime: "nodejs", handler: "handler.handler" },
  { file: "handler.js", runtime: "nodejs", handler: "handler.handler" },
  { file: "handler.cjs", runtime: "nodejs", handler: "handler.handler" },
  { file: "handler.py", runtime: "python3", handler: "handler.handler" },
  { file: "lambda_function.py", runtime: "python3", handler: "lambda_function.lambda_handler" },
  { file: "bootstrap", runtime: "provided", handler: "bootstrap" },
] as const;

/** What flags say of the function; they win over what the folder suggests. */
export interface Wishes extends Partial<
  Pick<FunctionSettings, "runtime" | "handler" | "memoryMiB" | "timeoutSeconds">
> {
  readonly name?: string;
}

/** Throws `invalid-request` where the folder does not tell what to run. */
export async function bareFunction(folder: string, wishes: Wishes): Promise<Deployable> {
  const { name = basename(folder), ...settings } = wishes;
  if (parseFunctionName(name) === undefined) {
    throw new FrugalError(
      "invalid-request",
      `${JSON.stringify(name)} is no function name\nGive one of 1 to 64 letters, digits, "-" or "_" with --name`,
      { details: { name } },
    );
  }
  const { runtime, handler } = settings;
  if (runtime !== undefined && handler !== undefined) {
    return { name, folder, patterns: [], settings: { ...settings, runtime, handler } };
  }
  const suggested = await suggestedEntry(folder, runtime);
  return { name, folder, patterns: [], settings: { ...suggested, ...settings } };
}

async function suggestedEntry(
  folder: string,
  runtime: string | undefined,
): Promise<{ readonly runtime: string; readonly handler: string }> {
  const fitting = entries.filter((entry) => runtime === undefined || runtime.startsWith(entry.runtime));
  for (const { file, runtime: own, handler } of fitting) {
    if (await isFile(join(folder, file))) return { runtime: own, handler };
  }
  throw new FrugalError(
    "invalid-request",
    [
      `${folder} has no frugal.yaml and none of ${fitting.map(({ file }) => file).join(", ")}`,
      "Write a frugal.yaml, or name the function's --runtime and --handler",
    ].join("\n"),
    { details: { folder } },
  );
}

const isFile = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
