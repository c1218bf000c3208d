/**
 * What the shell (daemon or simulator) tells the control plane: things that have happened.
 */
import type {
  Bytes,
  ErrorReport,
  FunctionDemand,
  FunctionName,
  InstanceNumber,
  InvocationNumber,
  MachineName,
  Seconds,
  StartKind,
  StartOffer,
  StartWish,
} from "@frugal/core";
import type { MachineCapacity } from "./route/machine.ts";

export type Event =
  /** A machine can take instances from now on. */
  | { readonly kind: "machine-joined"; readonly machine: MachineCapacity }
  /** A function is new, or a revision replaces its earlier one. */
  | { readonly kind: "function-deployed"; readonly demand: FunctionDemand }
  /** A function takes no more invocations; those that run finish. */
  | { readonly kind: "function-removed"; readonly function: FunctionName }
  | {
      readonly kind: "invocation-arrived";
      readonly invocation: InvocationNumber;
      readonly function: FunctionName;
      /** Of an experiment: it executes on an instance started this way for it alone. */
      readonly wish?: StartWish;
    }
  /** The caller of a waiting invocation went away. */
  | {
      readonly kind: "invocation-withdrawn";
      readonly invocation: InvocationNumber;
      readonly function: FunctionName;
    }
  /** A dispatched invocation has its outcome, whatever it is. A `isInstanceLost` one took its instance with it: no more work goes there. */
  | {
      readonly kind: "invocation-finished";
      readonly invocation: InvocationNumber;
      readonly instance: InstanceNumber;
      readonly isInstanceLost: boolean;
      /** The function answered with an error, or not at all: nothing that a template could be warmed up with. */
      readonly isFailure?: boolean;
    }
  | {
      readonly kind: "instance-ready";
      readonly instance: InstanceNumber;
      /** How it started in the end. */
      readonly start: StartKind;
      /** Processor time of the start, and memory that the instance holds after it; undefined where nobody measured it. */
      readonly cpu: Seconds | undefined;
      readonly memory: Bytes | undefined;
    }
  /** Replaces what was known of the starts that the function can have on this machine: snapshots came or went. `boot` is always to be had. */
  | {
      readonly kind: "starts-known";
      readonly function: FunctionName;
      readonly revision: number;
      readonly machine: MachineName;
      readonly offers: readonly StartOffer[];
    }
  /** Somebody wants a snapshot of the function now, whatever became of earlier templates. */
  | { readonly kind: "snapshot-wished"; readonly function: FunctionName }
  /** No process of the instance is left. `failure` says why, unless it was told to stop. */
  | {
      readonly kind: "instance-ended";
      readonly instance: InstanceNumber;
      readonly failure: ErrorReport | undefined;
    }
  /** The time of the latest `set-timer` has come. */
  | { readonly kind: "timer-fired" };
