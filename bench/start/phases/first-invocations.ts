/**
 * The first invocation of a function that the platform has never seen, but which has its dependencies in common with one
 * that it has a snapshot of: started from the boot phase that the two share, where the platform does that of its own accord,
 * beside the boot of another such function.
 *
 * All caches are warm. Each function is deployed, invoked once and removed, before a template of it is under way.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "@frugal/core";
import type { StartFunction } from "../functions/start-function.ts";
import type { MoreStarts } from "../more-starts.ts";
import { percentile } from "../result/cells.ts";
import { shuffled } from "../start-plan.ts";
import { Strangers } from "./stranger.ts";

interface FirstInvocations {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly runs: number;
}

interface PhaseRow {
  /** Null where no function started from a phase. */
  readonly phase: FirstInvocations | null;
  readonly boot: FirstInvocations | null;
  /** How often a start from a phase is as fast as a boot. */
  readonly phaseVsBoot: number | null;
  /** Of the functions that the platform could start as it liked, how many it started otherwise than from a phase. */
  readonly otherStarts: number;
}

export type PhaseTable = Readonly<Record<string, PhaseRow>>;

const subjects: readonly string[] = ["heavy-node", "numpy", "pillow-igraph"];
/** For the platform to compare a new function's files with those of its phases, in the background of the deployment. */
const LOOK_MS = 1000;

export async function firstInvocations(parts: MoreStarts, runs: number, random: Random): Promise<PhaseTable> {
  const table: Record<string, PhaseRow> = {};
  for (const fn of parts.functions.filter(({ name }) => subjects.includes(name))) {
    const strangers = await Strangers.of(fn);
    const times = { phase: [] as number[], boot: [] as number[] };
    let otherStarts = 0;
    try {
      for (let run = 0; run < runs; run++) {
        for (const wish of shuffled([undefined, "boot"] as const, random)) {
          const { ms, kind } = await firstOf(parts, await strangers.next(), wish);
          if (wish === undefined && kind !== "phase") otherStarts++;
          else times[wish ?? "phase"].push(ms);
        }
      }
    } finally {
      await strangers.close();
    }
    table[fn.name] = rowOf(times, otherStarts);
    parts.note(`first invocations of ${runs * 2} functions with the dependencies of ${fn.name} done`);
  }
  return table;
}

async function firstOf(
  { platform }: MoreStarts,
  stranger: StartFunction,
  wish: "boot" | undefined,
): Promise<{ readonly ms: number; readonly kind: string }> {
  await platform.deploy(stranger);
  try {
    await delay(LOOK_MS);
    const { ms, start } = await platform.start(stranger, wish);
    return { ms, kind: start.kind };
  } finally {
    await platform.remove(stranger.name);
  }
}

function rowOf(
  { phase, boot }: Readonly<Record<"phase" | "boot", readonly number[]>>,
  otherStarts: number,
): PhaseRow {
  const [fromPhase, fromBoot] = [summary(phase), summary(boot)];
  const phaseVsBoot = fromPhase === null || fromBoot === null ? null : fromBoot.p50Ms / fromPhase.p50Ms;
  return { phase: fromPhase, boot: fromBoot, phaseVsBoot, otherStarts };
}

const summary = (times: readonly number[]): FirstInvocations | null =>
  times.length === 0
    ? null
    : { p50Ms: percentile(times, 0.5), p95Ms: percentile(times, 0.95), runs: times.length };
