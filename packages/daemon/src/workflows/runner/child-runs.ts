/**
 * Runs that steps of other runs start.
 */
import type { Json, StepOutcome, WorkflowFault } from "@frugal/control";
import type { EnergyReading, FrugalError, RunId } from "@frugal/core";
import type { Run, RunParent } from "../store/run.ts";
import type { RunStore } from "../store/run-store.ts";
import type { StoredWorkflow } from "../store/workflow-catalog.ts";
import type { ActiveRun } from "./active-run.ts";
import { withoutEnergy } from "./energy-sum.ts";
import { faultOf, faultOfReport } from "../steps/step-faults.ts";
import { factsWithEnergy, type RunWorkflow, type StepEnd, type Steps } from "../steps/steps.ts";

interface Parts {
  readonly steps: Steps;
  readonly store: RunStore;
  readonly active: (id: RunId) => ActiveRun | undefined;
  readonly start: (
    workflow: StoredWorkflow,
    input: Json,
    parent: RunParent,
    done: (error: FrugalError | undefined, run: Run | undefined) => void,
  ) => void;
  readonly cancel: (id: RunId) => void;
  readonly find: (name: string) => StoredWorkflow | undefined;
}

/** A child from its step's point of view. */
interface Awaited {
  id: RunId | undefined;
  isWithdrawn: boolean;
}

/** Runs within runs; more are a workflow that runs itself. */
const MOST_NESTED = 32;

export class ChildRuns {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Starts the run that `command` asks for, unless the same step started it before the platform ended. */
  start(parent: ActiveRun, command: RunWorkflow, done: (end: StepEnd) => void): () => void {
    const { steps, store, start, cancel } = this.#parts;
    const { namespace, name } = command.workflow;
    const begun = steps.begin(command, `${namespace}/${name}`);
    const child: Awaited = { id: undefined, isWithdrawn: false };
    const end = (outcome: StepOutcome, energy: EnergyReading): void => {
      if (!child.isWithdrawn) done(steps.end(begun, outcome, factsWithEnergy(energy)));
    };
    const refuse = (fault: WorkflowFault): void => end({ kind: "fault", fault }, withoutEnergy.notExecuted);
    const ended = (run: Run): void => end(outcomeOf(run), run.ending?.energy ?? withoutEnergy.nothing);
    const follow = (run: Run): void => {
      child.id = run.id;
      if (child.isWithdrawn && command.wait) cancel(run.id);
      else if (!command.wait) end({ kind: "success", output: command.input }, withoutEnergy.unawaited);
      else if (run.ending !== undefined) ended(run);
      else this.#parts.active(run.id)?.whenEnded.add(ended);
    };
    const known = store.childOf(parent.beginning.id, command.execution);
    const stored = this.#parts.find(`${namespace}/${name}`);
    if (known !== undefined) queueMicrotask(() => follow(known));
    else if (!isWanted(stored, command)) queueMicrotask(() => refuse(noSuchWorkflow(command)));
    else if (command.wait && this.#depthOf(parent) >= MOST_NESTED)
      queueMicrotask(() => refuse(nestedTooDeep));
    else
      start(
        stored,
        command.input,
        { run: parent.beginning.id, execution: command.execution, isAwaited: command.wait },
        (error, run) => {
          if (run !== undefined) follow(run);
          else if (error !== undefined && error.code !== "shutting-down")
            refuse(faultOfReport(error.toReport()));
        },
      );
    return () => {
      child.isWithdrawn = true;
      if (child.id !== undefined && command.wait) cancel(child.id);
    };
  }

  /** How many runs wait for this one, directly or not. */
  #depthOf({ beginning: { parent } }: ActiveRun): number {
    let depth = 0;
    for (let above = parent; above?.isAwaited === true; depth++)
      above = this.#parts.active(above.run)?.beginning.parent;
    return depth;
  }
}

const nestedTooDeep = faultOf(
  "configuration",
  400,
  "Runs within runs",
  `Runs are nested deeper than ${MOST_NESTED}. See whether a workflow runs itself without an end`,
);

/** Whether the workflow is there in the version that is asked for. Only the latest one is kept. */
const isWanted = (
  stored: StoredWorkflow | undefined,
  { workflow: { version } }: RunWorkflow,
): stored is StoredWorkflow =>
  stored !== undefined &&
  (version === undefined || version === "latest" || version === stored.workflow.version);

function noSuchWorkflow({ workflow: { namespace, name, version } }: RunWorkflow): WorkflowFault {
  const detail =
    `There is no workflow ${namespace}/${name}` +
    (version === undefined ? "" : ` in version ${version}; only the version deployed last is kept`);
  return faultOf("configuration", 404, "Workflow not found", detail);
}

function outcomeOf({ ending, id }: Run): StepOutcome {
  if (ending?.status === "completed") return { kind: "success", output: ending.output ?? null };
  const fault = ending?.fault ?? faultOf("runtime", 500, "Cancelled", `Run ${id} was cancelled`);
  return { kind: "fault", fault };
}
