/**
 * A run that has not ended, with what the shell keeps of it in memory.
 */
import type { StepNumber } from "@frugal/control";
import type { Workflow } from "../definition/workflow.ts";
import type { Run, RunBeginning, RunEnding, StageEntry } from "../store/run.ts";
import { EnergySum } from "./energy-sum.ts";

/** Keys of executions that are remembered: what a loop of thousands of rounds does on average shows in the first ones. */
const MOST_REMEMBERED = 10_000;

interface StepUnderWay {
  readonly withdraw: () => void;
  /** Here, and not elsewhere. */
  readonly usesEnergy: boolean;
}

const givenUp = {
  kind: "unavailable",
  reason: "a function or a run was given up while it was under way",
} as const;

export class ActiveRun {
  readonly beginning: RunBeginning;
  readonly workflow: Workflow;
  /** Indexes of stages in the workflow's graph by task; empty where the run is not paced. */
  readonly stages: ReadonlyMap<string, number>;
  /** Steps that are under way. */
  readonly steps = new Map<StepNumber, StepUnderWay>();
  /** Told when the run has ended and that is on disk. */
  readonly whenEnded = new Set<(run: Run) => void>();
  /** Writes that are not on disk yet, and commands that wait for them. */
  held = 0;
  /** Set when the engine has ended the run; then nothing more is done for it. */
  ending: RunEnding | undefined;
  /** Something could not be done for it, so it is about to end. */
  isBroken = false;
  /** Characters of its records. */
  recorded = 0;
  stagesKept = 0;
  eventsKept = 0;
  /** Keys of what was executed: steps and records. */
  readonly executed = new Set<string>();
  readonly #energy = new EnergySum();

  constructor(beginning: RunBeginning, workflow: Workflow, stages: ReadonlyMap<string, number>) {
    this.beginning = beginning;
    this.workflow = workflow;
    this.stages = stages;
  }

  get energy(): EnergySum["reading"] {
    return this.#energy.reading;
  }

  /** Counts an executed stage, and what it used. */
  count({ energy, execution }: StageEntry): void {
    this.noteExecuted(execution);
    this.#energy.add(energy);
  }

  /** Withdraws a step that is under way; what it has used, and may still use, is not known. */
  giveUp(step: StepNumber): void {
    const underWay = this.steps.get(step);
    if (underWay === undefined) return;
    this.steps.delete(step);
    if (underWay.usesEnergy) this.#energy.add(givenUp);
    underWay.withdraw();
  }

  noteExecuted(key: string): void {
    if (this.executed.size < MOST_REMEMBERED) this.executed.add(key);
  }
}
