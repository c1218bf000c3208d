/**
 * Runs one bench: `node bench/main.ts NAME [--json] [--seconds S] [--rounds N]`, and what `frugal bench --help` says of
 * single benches. Without a name, lists them.
 */
import { readdirSync } from "node:fs";
import { constants } from "node:os";
import { parseArgs } from "node:util";
import { exitCodeOf, FrugalError, messageOf } from "@frugal/core";
import type { Bench } from "./bench.ts";

const SUFFIX = ".bench.ts";

const names = (): string[] =>
  readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .sort();

async function load(name: string): Promise<Bench> {
  const { bench } = (await import(`./${name}${SUFFIX}`)) as { readonly bench: Bench };
  return bench;
}

async function list(asJson: boolean): Promise<void> {
  const benches = await Promise.all(
    names().map(async (name) => ({ name, question: (await load(name)).question })),
  );
  const width = Math.max(...benches.map(({ name }) => name.length));
  const lines = benches.map(({ name, question }) => `${name.padEnd(width)}  ${question}\n`);
  process.stdout.write(asJson ? `${JSON.stringify({ benches }, undefined, 2)}\n` : lines.join(""));
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean" },
      seconds: { type: "string" },
      rounds: { type: "string" },
      quick: { type: "boolean" },
      runs: { type: "string" },
      functions: { type: "string" },
      caches: { type: "string" },
      kinds: { type: "string" },
    },
  });
  const [name] = positionals;
  if (name === undefined) {
    await list(values.json === true);
    return;
  }
  if (!names().includes(name)) {
    throw new FrugalError("invalid-request", `No bench is named "${name}"\nThere are: ${names().join(", ")}`);
  }
  const bench = await load(name);
  const answer = await bench.run({
    seconds: positive(values.seconds, "--seconds", 3),
    rounds: positive(values.rounds, "--rounds", 5),
    choice: {
      isQuick: values.quick === true,
      runs: values.runs === undefined ? undefined : positive(values.runs, "--runs", 1),
      functions: values.functions,
      caches: values.caches,
      kinds: values.kinds,
    },
    note: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(
    values.json === true ? `${JSON.stringify(answer.document, undefined, 2)}\n` : answer.text,
  );
}

function positive(given: string | undefined, flag: string, usual: number): number {
  if (given === undefined) return usual;
  const value = Number(given);
  if (value > 0) return value;
  throw new FrugalError("invalid-request", `${flag}: ${JSON.stringify(given)} is not a positive number`);
}

function showFailure(error: unknown): void {
  const failure =
    error instanceof FrugalError ? error : new FrugalError("internal", messageOf(error), { cause: error });
  process.exitCode = exitCodeOf[failure.group];
  if (process.argv.includes("--json")) {
    process.stdout.write(`${JSON.stringify({ error: failure.toReport() })}\n`);
    return;
  }
  const where = failure.group === "internal" && error instanceof Error ? `\n${error.stack ?? ""}` : "";
  process.stderr.write(`frugal: ${`${failure.message}${where}`.replaceAll(/\n(?! )/g, "\n  ")}\n`);
}

// An exit, not the signal's own end: what a bench started is then taken along.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => process.exit(128 + constants.signals[signal]));
}
await main().catch(showFailure);
