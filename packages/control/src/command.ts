/**
 * What the control plane tells the shell to do. Commands are carried out in order; each is answered by the events that it causes.
 */
import type {
  ErrorCode,
  ErrorReport,
  FunctionName,
  Hertz,
  InstanceNumber,
  InvocationNumber,
  MachineName,
  Seconds,
  StartKind,
  StartWish,
} from "@frugal/core";
import type { StagePace } from "./pace/stage-pace.ts";

/**
 * Why an instance is started: work waits for it, work is expected, a minimum was asked for, or it is a template: it takes
 * no invocations, but is started to be snapshotted in the background.
 */
export type StartCause = "demand" | "prewarm" | "provisioned" | "template";

/** Why an instance is stopped. `spent`: the one invocation that it was started for is over. */
export type StopReason = "idle" | "evicted" | "reclaimed" | "superseded" | "removed" | "lost" | "spent";

export type Command =
  /**
   * Answered by `instance-ready` or `instance-ended`; where it is a template, by `instance-ended` alone (without a failure:
   * it is done), and by `starts-known` before that where a snapshot has come of it.
   */
  | {
      readonly kind: "start-instance";
      readonly instance: InstanceNumber;
      readonly function: FunctionName;
      readonly revision: number;
      readonly machine: MachineName;
      readonly cause: StartCause;
      /** How to start it. The shell falls back to what it can (prefetch, eager, phase, boot) and says so when it is ready. */
      readonly start: StartKind;
      /** Where an experiment asked for this start: nothing but what it asks for will do, no fallbacks. */
      readonly wish: StartWish | undefined;
      /** Logical processors that it may run on; undefined: all. */
      readonly cpus: readonly number[] | undefined;
    }
  /** Answered by `instance-ended`. */
  | { readonly kind: "stop-instance"; readonly instance: InstanceNumber; readonly reason: StopReason }
  /** Answered by `invocation-finished`. `cold`: the invocation has waited for this instance's start. */
  | {
      readonly kind: "dispatch";
      readonly invocation: InvocationNumber;
      readonly instance: InstanceNumber;
      readonly cold: boolean;
      /** Undefined where nothing paces the machine. */
      readonly pace: StagePace | undefined;
    }
  /** From now on until it is set anew. Commands that make room for a stage come before its `dispatch`. */
  | {
      readonly kind: "set-core-clock";
      readonly machine: MachineName;
      readonly domain: number;
      readonly clock: Hertz;
    }
  | {
      readonly kind: "set-uncore-clock";
      readonly machine: MachineName;
      readonly domain: number;
      readonly clock: Hertz;
    }
  /** Answered by `load-sampled`: the load since the last time. */
  | { readonly kind: "sample-load"; readonly machine: MachineName }
  /** The invocation will not be executed. `failure` is the instance's, where its start failed. */
  | {
      readonly kind: "refuse";
      readonly invocation: InvocationNumber;
      readonly code: ErrorCode;
      /** When the same call may succeed, where waiting helps. */
      readonly retryAfter: Seconds | undefined;
      readonly failure: ErrorReport | undefined;
    }
  /** Replaces the earlier timer. Answered by `timer-fired`, not before `at`. */
  | { readonly kind: "set-timer"; readonly at: Seconds };
