/**
 * Rehearsals: clones that are started in the background right after their snapshot was made, so that the first caller finds
 * a recorded working set, and the start policy knows what each kind of start takes.
 */
import { open, readFile } from "node:fs/promises";
import { bytes, type Clock, minus } from "@frugal/core";
import { functionProcess, privateKibibytes } from "../../host/unit-process.ts";
import type { LanguageRuntime } from "../../runtime/language-runtime.ts";
import type { InstanceSpec } from "../../instance-spec.ts";
import type { Unit, UnitFactory, UnitSpec } from "../../unit/unit.ts";
import type { Restore } from "../restore/restore.ts";
import { eagerRanges } from "../image/eager-ranges.ts";
import type { StoredSnapshot } from "../stored-snapshot.ts";
import { type FileRange, fileRangesOf, type ProcessMemory } from "../working-set/file-ranges.ts";
import { Conversation } from "./conversation.ts";

const ENTRY = 8;

export interface RehearsalParts {
  readonly spec: InstanceSpec;
  readonly runtime: LanguageRuntime;
  readonly clock: Clock;
  readonly units: UnitFactory;
  /** The plan of the snapshot's template. */
  readonly plan: UnitSpec;
  /** For the clone's one invocation; undefined: none. */
  readonly payload: Uint8Array | undefined;
  readonly launched: (unit: Unit) => void;
}

/** Runs a clone of `restore` through its first invocation, keeps what that took, and releases `restore`. */
export async function rehearse(
  snapshot: StoredSnapshot,
  restore: Restore,
  parts: RehearsalParts,
): Promise<void> {
  try {
    await runClone(snapshot, restore, parts);
  } finally {
    await restore.release();
  }
}

async function runClone(
  snapshot: StoredSnapshot,
  restore: Restore,
  { units, plan, payload, launched, ...parts }: RehearsalParts,
): Promise<void> {
  const { spec, runtime, clock } = parts;
  const begun = clock.now();
  const unit = units.launch({ ...plan, image: restore.image }, false);
  launched(unit);
  const conversation = new Conversation({ ...parts, unit, isRuntimeOnly: false });
  try {
    const { environment } = runtime.plan(spec, units.isolation);
    const ready = await conversation.resume(environment, spec.initTimeout);
    const cpu = unit.cpuTime();
    if (payload !== undefined) await conversation.invoke(payload, spec.invokeTimeout);
    await restore.learn();
    const process = unit.hostPid === undefined ? undefined : functionProcess(unit.hostPid);
    const memory = process === undefined ? undefined : privateKibibytes(process);
    const figures = {
      latency: minus(ready, begun),
      cpu,
      memory: memory === undefined ? undefined : bytes(memory * 1024),
    };
    snapshot.started(restore.kind, figures, undefined);
    if (process !== undefined && snapshot.fileRanges === undefined) {
      // In this order: criu needs its own before the processes need theirs.
      const ranges = [...(await eagerRanges(snapshot.folder)), ...(await rangesOf(process, plan))];
      await snapshot.keepFileRanges(ranges);
    }
  } finally {
    await conversation.end();
  }
}

/** What the unit sees of the host at the same place, beside its mounts. */
const systemMounts = ["/usr", "/bin", "/sbin", "/lib", "/lib64"].map((path) => ({
  source: path,
  target: path,
}));

const rangesOf = (pid: number, { mounts }: UnitSpec): Promise<readonly FileRange[]> =>
  fileRangesOf(memoryOf(pid), [...systemMounts, ...mounts]);

const memoryOf = (pid: number): ProcessMemory => ({
  maps: () => readFile(`/proc/${pid}/maps`, "utf8"),
  pagemap: async (first, count) => {
    const file = await open(`/proc/${pid}/pagemap`, "r");
    try {
      const entries = Buffer.alloc(count * ENTRY);
      const { bytesRead } = await file.read(entries, 0, entries.length, first * ENTRY);
      return entries.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  },
});
