/**
 * The checks of Frugal's own source, as data: a name, and the program that answers with its exit code.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";

export interface Check {
  readonly name: string;
  /** Relative to the checkout; run by this Node. */
  readonly script: string;
  readonly arguments: readonly string[];
}

const tool = (name: string, script: string, ...args: readonly string[]): Check => ({
  name,
  script: `node_modules/${script}`,
  arguments: args,
});

export const checks: readonly Check[] = [
  tool("format", "prettier/bin/prettier.cjs", "--check", "--log-level=warn", "."),
  tool("types", "typescript/bin/tsc", "-b"),
  tool("lint", "eslint/bin/eslint.js", ".", "--max-warnings", "0"),
  { name: "edges", script: "tools/check-edges.ts", arguments: [] },
  tool("dead", "knip/bin/knip.js"),
  tool("dead-prod", "knip/bin/knip.js", "--strict"),
  { name: "house", script: "tools/check-house.ts", arguments: [] },
  { name: "test", script: "packages/cli/src/main.ts", arguments: ["test"] },
];

export interface CheckResult {
  readonly name: string;
  readonly isPassed: boolean;
  readonly seconds: number;
  readonly output: string;
}

export async function runCheck(check: Check, checkout: string): Promise<CheckResult> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(checkout, check.script), ...check.arguments], {
    cwd: checkout,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return {
    name: check.name,
    isPassed: code === 0,
    seconds: (performance.now() - started) / 1000,
    output: Buffer.concat(chunks).toString(),
  };
}
