/**
 * The graphs of the deployed workflows, as the control plane paces their stages by them. They are made anew from time to time,
 * with what the runs since have shown of branches and loops.
 */
import { type PaceEvent, workflowGraph } from "@frugal/control";
import type { RunId, Seconds, WorkflowGraph, WorkflowName } from "@frugal/core";
import type { StoredWorkflow } from "../store/workflow-catalog.ts";
import type { ActiveRun } from "./active-run.ts";

/** Runs of a workflow between two looks, when the first few are over. */
const RENEW_EVERY = 64;

interface Known {
  readonly definition: number;
  readonly graph: WorkflowGraph;
  readonly indexes: ReadonlyMap<string, number>;
}

const noStages: ReadonlyMap<string, number> = new Map();

export class WorkflowGraphs {
  readonly #tell: (event: PaceEvent) => void;
  readonly #known = new Map<WorkflowName, Known>();

  constructor(tell: (event: PaceEvent) => void) {
    this.#tell = tell;
  }

  /** The workflow is new, or another than before, or more is known of it. */
  deploy({ workflow, definition, history }: StoredWorkflow): void {
    const { name, settings } = workflow;
    const graph = workflowGraph(workflow.definition, history);
    const indexes = new Map(graph.stages.map((stage, i) => [stage.name, i]));
    this.#known.set(name, { definition, graph, indexes });
    const { deadline, budgets } = settings;
    this.#tell({ kind: "workflow-deployed", workflow: name, graph, deadline, budgets });
  }

  remove(name: WorkflowName): void {
    this.#known.delete(name);
    this.#tell({ kind: "workflow-removed", workflow: name });
  }

  /** A run of it has ended: at the first ones, and then now and again, the graph learns. */
  learn(stored: StoredWorkflow): void {
    const { runs } = stored.history;
    if (runs > 0 && (runs % RENEW_EVERY === 0 || Number.isInteger(Math.log2(runs)))) this.deploy(stored);
  }

  /** A run begins, or goes on after `elapsed`. Only a run by the present definition is paced. */
  runStarted({ beginning: { id, workflow }, stages }: ActiveRun, elapsed: Seconds): void {
    if (stages.size > 0) this.#tell({ kind: "run-started", run: id, workflow, elapsed });
  }

  runEnded(id: RunId): void {
    this.#tell({ kind: "run-ended", run: id });
  }

  of(name: WorkflowName): WorkflowGraph | undefined {
    return this.#known.get(name)?.graph;
  }

  /** Indexes of the stages by task, for a run by this definition; none where the workflow has another one by now. */
  indexesFor(name: WorkflowName, definition: number): ReadonlyMap<string, number> {
    const known = this.#known.get(name);
    return known?.definition === definition ? known.indexes : noStages;
  }
}
