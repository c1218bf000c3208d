/**
 * How long a cold start takes, from the request to the first correct answer through the gateway, by where it starts from.
 *
 * Five functions on a platform of the bench's own, each booted, restored eagerly, restored one fault at a time (lazy), restored
 * with its working set ahead (prefetch) and that into a pooled unit; with caches warm, with the snapshot's and the package's files
 * cold, and with everything cold. Every answer is checked. Then first invocations of functions that share their dependencies
 * with known ones, many starts of one snapshot at a time, and memory of one instance.
 */
import { FrugalError, seededRandom } from "@frugal/core";
import type { Bench, BenchOptions } from "./bench.ts";
import { installFolder } from "./install-folder.ts";
import { concurrentStarts } from "./start/concurrent-starts.ts";
import { startFunctions } from "./start/functions/index.ts";
import { missingLibraries } from "./start/functions/missing-libraries.ts";
import type { StartFunction } from "./start/functions/start-function.ts";
import { memoryOfInstances } from "./start/memory/instance-memory.ts";
import { StartPlatform } from "./start/platform/start-platform.ts";
import { firstInvocations } from "./start/phases/first-invocations.ts";
import { tablesOf } from "./start/result/cells.ts";
import { machineDescription } from "./start/result/machine-description.ts";
import { notesOf } from "./start/result/notes.ts";
import { startText } from "./start/result/start-text.ts";
import { verdictOf } from "./start/result/verdict.ts";
import { startPlan, type StartPlan } from "./start/start-plan.ts";
import { StartRuns } from "./start/start-runs.ts";

const SEED = 20_261_122;
/** Pairs of functions with the dependencies of each known one: deploying them takes longer than starting them. */
const MOST_STRANGERS = 10;

export const bench: Bench = {
  question: "how long does a cold start take, booted, restored and restored with its working set ahead?",
  async run(options) {
    const plan = startPlan(
      options.choice,
      startFunctions.map(({ name }) => name),
    );
    const { functions, missing } = present(plan, options);
    for (const { installs, folder, name } of functions) {
      if (installs === true) installFolder(folder, `the packages of ${name} (once, 40 MB)`, options.note);
    }
    const platform = await StartPlatform.start();
    try {
      return await measured({ platform, functions, plan, missing }, options);
    } finally {
      await platform.close();
    }
  },
};

interface Subject {
  readonly platform: StartPlatform;
  readonly functions: readonly StartFunction[];
  readonly plan: StartPlan;
  readonly missing: Readonly<Record<string, string>>;
}

async function measured({ platform, functions, plan, missing }: Subject, { note }: BenchOptions) {
  const lacking = await prepared(platform, functions, { plan, note });
  const random = seededRandom(SEED);
  const runs = new StartRuns({ platform, functions, plan, random, note });
  await runs.run(lacking);
  const parts = { platform, functions, leftOut: runs.leftOut, kinds: plan.kinds, note };
  const more = plan.isComplete
    ? {
        phases: await firstInvocations(parts, Math.min(plan.runs, MOST_STRANGERS), random),
        concurrent: await concurrentStarts(parts),
        memory: await memoryOfInstances(parts),
      }
    : {};
  const tables = tablesOf(runs.samples, plan.functions);
  const document = {
    ...tables,
    ...verdictOf(tables),
    ...more,
    leftOut: runs.leftOut,
    missing,
    notes: notesOf(plan, tables),
    machine: machineDescription(),
    limitations: platform.limitations,
  };
  return { document, text: startText(document) };
}

/** The plan's functions whose libraries are there, and what the others lack; a function that was asked for must not lack any. */
function present(plan: StartPlan, { choice, note }: BenchOptions) {
  const planned = startFunctions.filter(({ name }) => plan.functions.includes(name));
  const missing: Record<string, string> = {};
  for (const fn of planned) {
    const lack = missingLibraries(fn);
    if (lack === undefined) continue;
    if (choice.functions !== undefined) {
      throw new FrugalError("host-unsupported", `${fn.name} cannot run: ${lack}`);
    }
    note(`left out: ${fn.name}: ${lack}`);
    missing[fn.name] = lack;
  }
  return { functions: planned.filter(({ name }) => !(name in missing)), missing };
}

interface Preparation {
  readonly plan: StartPlan;
  readonly note: (line: string) => void;
}

/** Deploys and invokes each function once, and has their snapshots made; answers which have none, and why. */
async function prepared(
  platform: StartPlatform,
  functions: readonly StartFunction[],
  { plan, note }: Preparation,
): Promise<ReadonlyMap<string, string>> {
  await Promise.all(functions.map((fn) => platform.deploy(fn)));
  const lacking = new Map<string, string>();
  // One after another, as the platform makes them: one that waited for others would wait longer with each look for room.
  for (const fn of functions) {
    const { ms } = await platform.start(fn, undefined);
    note(`${fn.name} deployed; its first start took ${ms.toFixed(0)} ms`);
    if (plan.kinds.every((kind) => kind === "boot")) continue;
    const began = performance.now();
    const lack = await platform.snapshots.make(fn.name);
    if (lack !== undefined) lacking.set(fn.name, lack);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    note(
      lack === undefined
        ? `${fn.name} has a snapshot after ${seconds} s`
        : `${fn.name} has no snapshot: ${lack}`,
    );
  }
  return lacking;
}
