/**
 * One instance of a function as the control plane knows it.
 *
 * Life cycle: `starting` -> `ready` -> `stopping` -> gone; `starting` and `ready` may end without `stopping`, when the
 * start fails or the instance is lost.
 */
import type {
  FunctionName,
  InstanceNumber,
  InvocationNumber,
  Seconds,
  StartKind,
  StartWish,
} from "@frugal/core";
import type { StartCause, StopReason } from "../command.ts";
import type { Claim, Machine } from "../route/machine.ts";
import type { WaitingInvocation } from "../route/waiting-queue.ts";

/** An invocation that an instance executes. */
export interface RunningInvocation {
  readonly invocation: InvocationNumber;
  readonly since: Seconds;
  /** Core-seconds that its function was charged in advance. */
  readonly charged: number;
  /** Among the first that its instance executes: cold code takes longer and says little about the next. */
  readonly isFirst: boolean;
}

export interface Instance {
  readonly number: InstanceNumber;
  readonly function: FunctionName;
  readonly revision: number;
  readonly machine: Machine;
  readonly claim: Claim;
  readonly concurrency: number;
  readonly cause: StartCause;
  /** How it was to start; once it is ready, how it did. */
  start: StartKind;
  readonly wish: StartWish | undefined;
  /** While it starts for the wish of one invocation alone: that invocation. */
  reservedFor: WaitingInvocation | undefined;
  /** Processors that it is bound to; undefined: all. */
  readonly cpus: readonly number[] | undefined;
  readonly started: Seconds;
  state: "starting" | "ready" | "stopping";
  readyAt: Seconds;
  readonly running: RunningInvocation[];
  /** Invocations dispatched to it so far. */
  served: number;
  /** Where set, it takes no further invocation and is stopped for this reason when those that it runs have finished. */
  retiring: StopReason | undefined;
  /** Where it is idle: when it became so, and when it is to be stopped. */
  idleSince: Seconds;
  expires: Seconds;
  /** Earliest time at which the agenda holds an expiry check for it. */
  expiryCheck: Seconds;
}

/** Whether the instance serves whoever comes first; else it is a template, or an experiment's for one invocation. */
export const isShared = ({ cause, wish }: Instance): boolean => cause !== "template" && wish === undefined;

/** Takes the record of `invocation` out of the instance; undefined where it does not run there. */
export function takeRunning(instance: Instance, invocation: InvocationNumber): RunningInvocation | undefined {
  const index = instance.running.findIndex((running) => running.invocation === invocation);
  return index < 0 ? undefined : instance.running.splice(index, 1)[0];
}
