/**
 * What a pace policy decides: at which clocks a stage runs. One value in one file each, chosen by name (`index.ts`).
 */
import type {
  ClockGrid,
  ClockSetting,
  Hertz,
  Joules,
  PayloadSize,
  Ratio,
  RunId,
  Seconds,
  StageKey,
  WorkflowGraph,
} from "@frugal/core";
import type { StageModel, StageObservation } from "@frugal/predict";

/** A workflow with what its stages may take. */
export interface WorkflowPlan {
  readonly graph: WorkflowGraph;
  readonly deadline: Seconds;
  /** Per stage of the graph, for one execution; undefined where the models do not know all its functions yet. */
  readonly budgets: readonly Seconds[] | undefined;
}

/** An invocation that is about to be dispatched. */
export interface StageSituation {
  readonly key: StageKey;
  readonly payload: PayloadSize;
  /** What the machine's clocks can be set to. */
  readonly grid: ClockGrid;
  /** What this execution may take; undefined where nobody asked for a deadline, or nothing is known yet. */
  readonly budget: Seconds | undefined;
  /** Time in hand: what the stages before this one should have taken at most, less what has passed. Negative: late. */
  readonly slack: Seconds;
  /** Of a workflow's run; undefined for an invocation by itself. */
  readonly run: { readonly id: RunId; readonly plan: WorkflowPlan; readonly stage: number } | undefined;
}

export interface StageDecision {
  /** Undefined: the policy leaves this clock to others (a governor, the hardware). */
  readonly core: Hertz | undefined;
  readonly uncore: Hertz | undefined;
  /** What the execution should take, the slack spent or made up for; undefined where no deadline counts. */
  readonly target: Seconds | undefined;
  /** What the policy's model expects of it; undefined where it has none. */
  readonly expected: { readonly latency: Seconds; readonly energy: Joules | undefined } | undefined;
}

/** Sets core clocks by load, as a kernel governor does. */
export interface ClockGovernor {
  readonly interval: Seconds;
  /** The clock of a domain from now on. `load`: the share of the interval that its busiest processor was busy. */
  next(domain: number, steps: readonly Hertz[], current: Hertz, load: Ratio): Hertz;
}

export interface PacePolicy {
  decide(stage: StageSituation): StageDecision;
  /** Learns from an execution. The shared model has learnt from it already. */
  observe(observation: StageObservation): void;
  /** The run is over: what was kept of it can go. */
  runEnded(run: RunId): void;
  /** Whether it sets this kind of clock at all; where nothing runs, it is then at its lowest, unless the governor says otherwise. */
  readonly setsCore: boolean;
  readonly setsUncore: boolean;
  /** Undefined for what decides by stages alone. A governor sets all core clocks; `decide` leaves them to it. */
  readonly governor: ClockGovernor | undefined;
}

export interface PacePolicyParts {
  /** What is known of functions on the machine. */
  readonly model: StageModel;
  /** Where functions run when nobody sets the clocks: the highest of both. */
  readonly reference: ClockSetting;
  readonly options: Readonly<Record<string, number>>;
}

export interface PacePolicyDefinition {
  /** Names of the options with their defaults. */
  readonly options: Readonly<Record<string, number>>;
  /** Which way of making budgets it goes with. */
  readonly budgets: "fit" | "least-energy";
  create(parts: PacePolicyParts): PacePolicy;
}
