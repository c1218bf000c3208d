/**
 * The platform as the HTTP APIs see it: functions in, invocations in, results out.
 */
import type {
  EnergyReading,
  ErrorReport,
  FunctionName,
  Seconds,
  StageCall,
  StartKind,
  StartPhases,
  StartWish,
} from "@frugal/core";
import type { InvokeOutcome, InvokeRequest } from "@frugal/sandbox";
import type { FunctionDefinition } from "../registry/definition.ts";
import type { PaceFacts } from "./pace/pace-facts.ts";

/** How an invocation got its instance: an idle one, or one that was started for it. */
export type Warmth = "warm" | "cold";

export type InvocationResult =
  | {
      readonly kind: "executed";
      readonly requestId: string;
      readonly outcome: InvokeOutcome;
      readonly start: Warmth;
      /** How the instance came to be that this invocation waited for; only where `start` is `cold`. */
      readonly startKind: StartKind | undefined;
      /** Of that start, which `energy` is not part of. */
      readonly startEnergy: EnergyReading | undefined;
      /** Phases of the start that this invocation waited for; only where `start` is `cold`. */
      readonly phases: StartPhases | undefined;
      /** From arrival to dispatch, an instance's start included. */
      readonly wait: Seconds;
      /** From dispatch to outcome. */
      readonly duration: Seconds;
      readonly energy: EnergyReading;
      /** Undefined where nothing paces the machine. */
      readonly pace: PaceFacts | undefined;
      /** What is known of its work, by the names of the models' counters. */
      readonly counters: Readonly<Record<string, number>>;
    }
  /** Not executed. `retryAfter` says when the same call may succeed, if ever. */
  | {
      readonly kind: "refused";
      readonly requestId: string;
      readonly error: ErrorReport;
      readonly retryAfter: Seconds | undefined;
    };

/** What one function's instances and invocations add up to since the platform started. */
export interface FunctionStatistics {
  readonly name: FunctionName;
  readonly instances: { readonly starting: number; readonly idle: number; readonly busy: number };
  readonly waiting: number;
  readonly invocations: number;
  readonly errors: number;
  readonly refused: number;
  readonly coldStarts: number;
  readonly cpu: Seconds;
  readonly energy: EnergyReading;
}

/** The machine's energy since the platform started, split so that the parts add up to the whole. */
export interface EnergyStatistics {
  readonly total: EnergyReading;
  /** Joules that no function caused: `static` power and the work of `otherProcesses`. */
  readonly idle: {
    readonly joules: number;
    readonly staticJoules: number;
    readonly otherProcessesJoules: number;
  };
  readonly functionsJoules: number;
}

export interface PlatformStatistics {
  readonly functions: readonly FunctionStatistics[];
  readonly energy: EnergyStatistics;
}

/** What is special about an invocation. */
export interface InvokeHow {
  /** Of an experiment: how an instance is started for it. */
  readonly wish?: StartWish | undefined;
  /** Where it is a stage of a workflow's run. */
  readonly stage?: StageCall;
}

export interface Platform {
  /** Makes a function known, or replaces its earlier revision. */
  deploy(definition: FunctionDefinition): void;
  /** Running invocations finish; waiting ones are refused. */
  remove(name: FunctionName): void;
  /**
   * `done` is called exactly once, unless the invocation is withdrawn: what this returns withdraws it if it still waits
   * (its caller went away), and does nothing once it runs.
   */
  invoke(
    name: FunctionName,
    request: InvokeRequest,
    done: (result: InvocationResult) => void,
    how?: InvokeHow,
  ): () => void;
  statistics(): PlatformStatistics;
  /** Refuses new work, lets running invocations finish until `within` has passed, then stops everything. */
  close(within: Seconds): Promise<void>;
}
