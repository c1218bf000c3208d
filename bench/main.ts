/**
 * Runs one bench: `node bench/main.ts NAME [--json] [--seconds S] [--rounds N]`. Without a name, lists them.
 */
import { readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { FrugalError } from "@frugal/core";
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

async function list(): Promise<void> {
  for (const name of names()) {
    const { question } = await load(name);
    process.stdout.write(`${name.padEnd(10)} ${question}\n`);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "boolean" }, seconds: { type: "string" }, rounds: { type: "string" } },
  });
  const [name] = positionals;
  if (name === undefined) {
    await list();
    return;
  }
  if (!names().includes(name)) {
    throw new FrugalError("invalid-request", `No bench is named "${name}"\nThere are: ${names().join(", ")}`);
  }
  const bench = await load(name);
  const answer = await bench.run({
    seconds: positive(values.seconds, "--seconds", 3),
    rounds: positive(values.rounds, "--rounds", 5),
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

main().catch((error: unknown) => {
  const isUsers = error instanceof FrugalError && error.group === "user";
  process.stderr.write(
    `frugal: ${isUsers ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exitCode = isUsers ? 2 : 70;
});
