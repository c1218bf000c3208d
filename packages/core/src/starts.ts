/**
 * How an instance comes to be, as every package speaks of it.
 */
import type { Bytes, Seconds } from "./units.ts";

/**
 * `boot`: from nothing. `phase`: from the snapshot of a boot phase that functions share. The others restore the function's
 * own snapshot: `eager` reads all its pages before it runs, `lazy` one page fault at a time, `prefetch` its working set
 * ahead and the rest on demand. No policy chooses `lazy`: it is the baseline of experiments.
 */
export const startKinds = ["boot", "phase", "eager", "lazy", "prefetch"] as const;
export type StartKind = (typeof startKinds)[number];

/** Which snapshots a function has: none, restored with all pages only, or with its working set too. */
export const snapshotModes = ["off", "eager", "prefetch"] as const;
export type SnapshotMode = (typeof snapshotModes)[number];

/** A kind of start that is to be had on a machine, with what it took so far; undefined where that was not measured yet. */
export interface StartOffer {
  readonly kind: StartKind;
  /** From the command to readiness. */
  readonly latency: Seconds | undefined;
  /** Processor time that it used. */
  readonly cpu: Seconds | undefined;
  /** Memory that an idle instance holds which was started so. */
  readonly memory: Bytes | undefined;
}

/** What an experiment asks for instead of what the policy would choose, for one invocation: an instance of its own. */
export interface StartWish {
  readonly kind: StartKind;
  /** Whether prepared parts may be used: isolation units made ahead, workers that wait. */
  readonly pooled: boolean;
}

/** How long each phase of a start took. Their sum is the time from the command to the instance's readiness. */
export interface StartPhases {
  /** Making the isolation unit: process, namespaces, file system, limits. */
  readonly unit: Seconds;
  /** Bringing a snapshot's processes back; zero for what boots. */
  readonly restore: Seconds;
  /** Starting the language runtime, until it is about to load the function; zero where a snapshot holds it. */
  readonly runtime: Seconds;
  /** Loading and initialising the function's own code, or its hooks after a restore. */
  readonly init: Seconds;
}
