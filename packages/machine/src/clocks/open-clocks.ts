/**
 * Opens the clocks of this host: plays back what a crash has left, finds what can be set, and says why where nothing can.
 */
import { join } from "node:path";
import type { ClockGrid, ClockPort, Hertz } from "@frugal/core";
import { ProcessLock } from "../host/process-lock.ts";
import { pseudoTextOf } from "../host/pseudo-file.ts";
import { readTopology, type Topology } from "../host/topology.ts";
import { applyChanges } from "./clock-change.ts";
import { ClockJournal } from "./clock-journal.ts";
import { type ControlAccess, kernelAccess } from "./control-point.ts";
import { type ClockRoots, type ClocksFound, findClocks } from "./find-clocks.ts";
import { limitedTo, settable, unavailable } from "./hardware-clock.ts";
import { type ClockHands, HostClocks } from "./host-clocks.ts";
import { referenceClocks } from "./reference-clocks.ts";

/** `dry-run`: wishes are taken and nothing is changed. */
export const clockModes = ["on", "dry-run", "off"] as const;
export type ClockMode = (typeof clockModes)[number];

/** Clocks that people allow, both ends included. */
export interface ClockLimits {
  readonly minCore?: Hertz | undefined;
  readonly maxCore?: Hertz | undefined;
  readonly minUncore?: Hertz | undefined;
  readonly maxUncore?: Hertz | undefined;
}

export interface ClockOptions {
  readonly mode: ClockMode;
  readonly roots: ClockRoots;
  /** The file that former clocks are noted in, in a folder that is there. Of one process at a time. */
  readonly journal: string;
  /**
   * Whoever sets the clocks holds a lock on this file: two that took each other's clocks for the former ones would leave them
   * set. Undefined: nobody else uses the journal.
   */
  readonly lock?: string;
  readonly limits?: ClockLimits;
  /** The steps of a dry run on a host whose clocks cannot be set. */
  readonly reference?: ClockGrid;
  /** Told what could not be put back, one sentence each: at opening, of what a crash has left, and at closing. */
  readonly report: (problem: string) => void;
  readonly access?: ControlAccess;
}

/** What becomes of wishes where nothing is set. */
const idleHands: ClockHands = {
  apply: () => ({ kind: "dry-run" }),
  restore: () => [],
  release: () => undefined,
};

/** A journal left by a crash is played back first, whatever the mode, unless somebody else sets these clocks now (I3). */
export function openClocks(options: ClockOptions): ClockPort {
  const { mode, roots, lock: lockPath, report, access = kernelAccess } = options;
  const lock = lockPath === undefined ? undefined : ProcessLock.take(lockPath);
  if (typeof lock === "string") {
    const found = clocksFor(options, access);
    return new HostClocks(mode === "on" ? lockedOut(found, lock) : found, idleHands, report);
  }
  const release = (): void => lock?.release();
  try {
    const boot = pseudoTextOf(join(roots.procRoot, "sys/kernel/random/boot_id"));
    const journal = new ClockJournal({ path: options.journal, boot, access });
    for (const problem of journal.restore()) report(problem);
    const found = clocksFor(options, access);
    if (mode !== "on") release();
    const restore = (): readonly string[] => journal.restore();
    const apply: ClockHands["apply"] = (changes) => applyChanges(changes, access, journal);
    return new HostClocks(found, mode === "on" ? { apply, restore, release } : idleHands, report);
  } catch (error) {
    release();
    throw error;
  }
}

/** Where there are no clocks to set, that is what people want to know. */
function lockedOut({ core, uncore }: ClocksFound, reason: string): ClocksFound {
  const others = unavailable(`another platform sets them, or this one may not: ${reason}`);
  return {
    core: core.kind === "found" ? others : core,
    uncore: uncore.kind === "found" ? others : uncore,
  };
}

function clocksFor({ mode, roots, limits, reference }: ClockOptions, access: ControlAccess): ClocksFound {
  if (mode === "off") {
    const off = unavailable(
      "setting clocks is switched off by the configuration, so they stay as the host sets them",
    );
    return { core: off, uncore: off };
  }
  const topology = readTopology(roots);
  const found = findClocks(roots, topology, access);
  const usable =
    mode === "on"
      ? { core: settable(access, found.core), uncore: settable(access, found.uncore) }
      : imagined(found, topology, reference);
  return {
    core: limitedTo({ lowest: limits?.minCore, highest: limits?.maxCore }, usable.core),
    uncore: limitedTo({ lowest: limits?.minUncore, highest: limits?.maxUncore }, usable.uncore),
  };
}

/** What a dry run works with: the host's clocks, else those of the reference. */
const imagined = (
  { core, uncore }: ClocksFound,
  { processors }: Topology,
  reference: ClockGrid = { core: [], uncore: [] },
): ClocksFound => ({
  core:
    core.kind === "found"
      ? core
      : referenceClocks(processors, (each) => each.core, reference.core, core.reason),
  uncore:
    uncore.kind === "found"
      ? uncore
      : referenceClocks(processors, (each) => each.socket, reference.uncore, uncore.reason),
});
