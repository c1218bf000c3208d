/**
 * What the control plane tells the shell to do. Commands are carried out in order; each is answered by the events that it causes.
 */
import type {
  ErrorCode,
  ErrorReport,
  FunctionName,
  InstanceNumber,
  InvocationNumber,
  MachineName,
  Seconds,
} from "@frugal/core";

/** Why an instance is started: work waits for it, work is expected, or a minimum was asked for. */
export type StartCause = "demand" | "prewarm" | "provisioned";

/** Why an instance is stopped. */
export type StopReason = "idle" | "evicted" | "reclaimed" | "superseded" | "removed" | "lost";

export type Command =
  /** Answered by `instance-ready` or `instance-ended`. */
  | {
      readonly kind: "start-instance";
      readonly instance: InstanceNumber;
      readonly function: FunctionName;
      readonly revision: number;
      readonly machine: MachineName;
      readonly cause: StartCause;
    }
  /** Answered by `instance-ended`. */
  | { readonly kind: "stop-instance"; readonly instance: InstanceNumber; readonly reason: StopReason }
  /** Answered by `invocation-finished`. `cold`: the invocation has waited for this instance's start. */
  | {
      readonly kind: "dispatch";
      readonly invocation: InvocationNumber;
      readonly instance: InstanceNumber;
      readonly cold: boolean;
    }
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
