/**
 * Runs vitest in a child process, its progress as it comes, its report through a file.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { constants, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { FrugalError } from "@frugal/core";

export interface VitestRun {
  readonly exitCode: number;
  /** The JSON report, or undefined where vitest died before it could write one. */
  readonly report: unknown;
}

export interface VitestOptions {
  /** Filters and flags of vitest. */
  readonly given: readonly string[];
  /** The folder with the vitest configuration. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where progress goes: `stderr` where stdout is for one JSON document. */
  readonly progress: "stdout" | "stderr" | "nowhere";
}

export async function runVitest(options: VitestOptions): Promise<VitestRun> {
  const temporary = await mkdtemp(join(tmpdir(), "frugal-test-"));
  try {
    const reportFile = join(temporary, "report.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
    const child = spawn(
      process.execPath,
      [vitestProgram(options.folder), "run", ...reporters, ...options.given],
      {
        cwd: options.folder,
        env: options.environment,
        stdio: ["ignore", ...streamsOf(options.progress)],
      },
    );
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (code, signal) => {
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    });
    return { exitCode, report: await readReport(reportFile) };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Descriptors for the child's stdout and stderr. */
function streamsOf(progress: VitestOptions["progress"]): [1 | 2 | "ignore", 2 | "ignore"] {
  switch (progress) {
    case "stdout":
      return [1, 2];
    case "stderr":
      return [2, 2];
    case "nowhere":
      return ["ignore", "ignore"];
  }
}

function vitestProgram(folder: string): string {
  try {
    const manifest = createRequire(join(folder, "package.json")).resolve("vitest/package.json");
    return join(dirname(manifest), "vitest.mjs");
  } catch (cause) {
    throw new FrugalError(
      "host-unsupported",
      `vitest is not installed in ${folder}\nInstall the development dependencies: npm ci`,
      { cause },
    );
  }
}

async function readReport(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return undefined;
  }
}
