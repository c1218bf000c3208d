/**
 * Durable runs across kill -9 of the platform (I1): every one ends with the right output, and no step is taken again whose
 * result was stored. A result is stored before anything is done that needs it; so what a later step was told cannot change.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PlatformClient, type PlatformProcess, startPlatformProcess, Transport } from "@frugal/cli";
import { type RunId, runId, workflowName } from "@frugal/core";
import { zipSync } from "fflate";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Ledger, type Note } from "./workflow-kills/ledger.ts";
import { branches, markHandler, sequence, witnessedWorkflow } from "./workflow-kills/witnessed-workflow.ts";

const RUNS = 100;
/** Steps that are told to the ledger, without those that a kill makes happen twice. */
const NOTES = RUNS * (sequence.length + branches.length);
/** The platform is killed when this share of the steps was taken. */
const KILLS = [0.1, 0.35, 0.7] as const;
const name = workflowName("default/witnessed");

let folder: string;
let ledger: Ledger;
let platform: PlatformProcess | undefined;
let transport: Transport | undefined;

async function start(): Promise<PlatformClient> {
  await transport?.close();
  platform = await startPlatformProcess({ dataDirectory: join(folder, "data") });
  transport = new Transport({ url: platform.url, apiKey: undefined, connections: 16 });
  return new PlatformClient(transport);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "frugal-workflow-kills-"));
  ledger = await Ledger.open();
});
afterEach(async () => {
  await transport?.close();
  await platform?.close();
  await ledger.close();
  await rm(folder, { recursive: true, force: true });
});

async function deploy(client: PlatformClient): Promise<void> {
  const settings = { runtime: "nodejs", handler: "index.handler", concurrency: 50, timeoutSeconds: 10 };
  await client.deploy("mark", settings, zipSync({ "index.mjs": Buffer.from(markHandler) }));
  await client.workflows.deploy(name, JSON.stringify(witnessedWorkflow(ledger.url)));
}

/** The runs' ids, by their keys. */
async function begin(client: PlatformClient): Promise<ReadonlyMap<string, RunId>> {
  const keys = Array.from({ length: RUNS }, (_, i) => `run-${i}`);
  const runs = await Promise.all(
    keys.map(async (key) => {
      const { id } = await client.workflows.start(name, Buffer.from(JSON.stringify({ key })), 0);
      return [key, runId(id)] as const;
    }),
  );
  return new Map(runs);
}

async function outputOf(client: PlatformClient, id: RunId): Promise<unknown> {
  for (;;) {
    const { status, output, fault } = await client.workflows.run(id);
    if (status === "completed") return output;
    if (status !== "running") throw new Error(`${id} ${status}: ${JSON.stringify(fault)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What a run told the ledger: its steps in order, each with the tokens of the output, and none after a later one. */
function expectSound(key: string, output: unknown, notes: readonly Note[]): void {
  const { tokens } = output as { readonly tokens: readonly string[] };
  expect(output).toEqual({ key, tokens, both: branches.map(() => ({ noted: true })) });
  expect(new Set(tokens).size).toBe(sequence.length);
  const all = [...sequence, ...branches];
  expect(new Set(notes.map(({ step }) => step))).toEqual(new Set(all));
  for (const { step, tokens: told } of notes) {
    const round = sequence.indexOf(step);
    expect(told).toEqual(round === -1 ? tokens : tokens.slice(0, round + 1));
  }
  const places = notes.map(({ step }) => Math.min(all.indexOf(step), sequence.length));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
}

/** No function was called again for a round once the ledger had been told of the round's result, as far as the log survived. */
async function expectNoneMarkedAgain(client: PlatformClient): Promise<void> {
  const told = new Map(ledger.notes.toReversed().map(({ key, step, time }) => [`${key} ${step}`, time]));
  let marks = 0;
  for await (const { time, text } of client.logs("mark", { lines: 10_000, follow: false })) {
    const [, call = ""] = /^mark (\S+ \S+)/.exec(text) ?? [];
    if (call === "") continue;
    marks++;
    expect(Date.parse(time), `${call} was called again`).toBeLessThanOrEqual(told.get(call) ?? Infinity);
  }
  expect(marks).toBeGreaterThan(0);
}

it("ends every run rightly, and repeats nothing that was stored (I1)", async () => {
  let client = await start();
  await deploy(client);
  const runs = await begin(client);
  for (const share of KILLS) {
    await ledger.reaches(Math.ceil(share * NOTES));
    await platform?.kill();
    client = await start();
  }
  for (const [key, id] of runs) {
    const output = await outputOf(client, id);
    expectSound(
      key,
      output,
      ledger.notes.filter((note) => note.key === key),
    );
  }
  expect(ledger.notes.length).toBeGreaterThanOrEqual(NOTES);
  await expectNoneMarkedAgain(client);
}, 180_000);
