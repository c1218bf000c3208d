/**
 * Memory of one instance after its first answer was made, by the kind of its start.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { StartFunction } from "../functions/start-function.ts";
import { percentile } from "../result/cells.ts";
import { isLeftOut, type MoreStarts } from "../more-starts.ts";
import type { StartPlatform } from "../platform/start-platform.ts";
import { reachedBy, type StartKind } from "../start-plan.ts";
import { descendantsWith, memoryOf, type ProcessMemory } from "./process-memory.ts";

/** Medians, in MiB. */
interface InstanceMemory {
  readonly privateDirtyMB: number;
  readonly proportionalMB: number;
  readonly residentMB: number;
  readonly runs: number;
}

export type MemoryTable = Readonly<Record<string, Readonly<Partial<Record<StartKind, InstanceMemory>>>>>;

const kinds: readonly StartKind[] = ["boot", "eager", "prefetch"];
const RUNS = 3;
/** How long a finished invocation stays to be looked at; its start is over long before the end. */
const HOLD_MS = 2500;
const LOOK_BEFORE_END_MS = 300;

export async function memoryOfInstances(parts: MoreStarts): Promise<MemoryTable> {
  const table: Record<string, Partial<Record<StartKind, InstanceMemory>>> = {};
  for (const fn of parts.functions.filter(({ holds }) => holds)) {
    const own: Partial<Record<StartKind, InstanceMemory>> = {};
    for (const kind of kinds.filter((one) => !isLeftOut(parts, fn.name, one))) {
      const looks: ProcessMemory[] = [];
      for (let run = 0; run < RUNS; run++) looks.push(...(await lookAt(parts.platform, fn, kind)));
      if (looks.length > 0) own[kind] = summary(looks);
    }
    table[fn.name] = own;
    parts.note(`memory of ${fn.name} looked at`);
  }
  return table;
}

/** Starts an instance and looks at it while it holds its answer; nothing where it became another kind or cannot be seen. */
async function lookAt(
  platform: StartPlatform,
  fn: StartFunction,
  kind: StartKind,
): Promise<readonly ProcessMemory[]> {
  await platform.untilIdle(fn.name);
  const invocation = platform.start(fn, kind, { holdMs: HOLD_MS });
  const look = delay(HOLD_MS - LOOK_BEFORE_END_MS).then(() =>
    memoryOf(descendantsWith(`AWS_LAMBDA_FUNCTION_NAME=${fn.name}`)),
  );
  const [{ start }, memory] = await Promise.all([invocation, look]);
  return memory === undefined || start.kind !== reachedBy(kind) ? [] : [memory];
}

function summary(looks: readonly ProcessMemory[]): InstanceMemory {
  const medianOf = (value: (look: ProcessMemory) => number): number =>
    percentile(looks.map(value), 0.5) / 2 ** 20;
  return {
    privateDirtyMB: medianOf((look) => look.privateDirtyBytes),
    proportionalMB: medianOf((look) => look.proportionalBytes),
    residentMB: medianOf((look) => look.residentBytes),
    runs: looks.length,
  };
}
