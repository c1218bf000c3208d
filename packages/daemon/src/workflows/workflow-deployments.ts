/**
 * Deploying workflows: the catalog and the control plane change together (I8).
 */
import { type PacePlan, workflowGraph } from "@frugal/control";
import {
  type Clock,
  FrugalError,
  type WorkflowDeadline,
  type WorkflowGraph,
  type WorkflowName,
} from "@frugal/core";
import { type ExpressionCheck, parseWorkflow } from "./definition/parse-workflow.ts";
import type { Workflow } from "./definition/workflow.ts";
import type { WorkflowGraphs } from "./runner/workflow-graphs.ts";
import type { StoredWorkflow, WorkflowCatalog } from "./store/workflow-catalog.ts";

interface Parts {
  readonly catalog: WorkflowCatalog;
  readonly graphs: WorkflowGraphs;
  readonly problemOf: ExpressionCheck;
  readonly functions: { find(name: string): unknown };
  readonly clock: Clock;
  /** Undefined where nothing paces the machine. */
  readonly plan: (graph: WorkflowGraph, deadline: WorkflowDeadline) => PacePlan | undefined;
}

export interface Deployment {
  readonly stored: StoredWorkflow;
  readonly isNew: boolean;
  readonly warnings: readonly string[];
}

export class WorkflowDeployments {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Creates or replaces the workflow `name` by what `text` defines; FrugalError invalid-workflow with every problem. */
  async put(name: string, text: string): Promise<Deployment> {
    const { catalog, graphs, clock } = this.#parts;
    const workflow = await parseWorkflow(text, this.#parts.problemOf);
    if (workflow.name !== name)
      throw new FrugalError(
        "invalid-workflow",
        `The document defines ${workflow.name}, not ${name}. Use its own namespace and name, or change the document.`,
        { details: { workflow: workflow.name } },
      );
    this.#checkDeadline(workflow);
    const isNew = catalog.find(name) === undefined;
    const stored = catalog.put(workflow, clock.wall());
    graphs.deploy(stored);
    return { stored, isNew, warnings: this.warningsFor(workflow) };
  }

  remove(name: WorkflowName): void {
    this.#parts.catalog.remove(name);
    this.#parts.graphs.remove(name);
  }

  /** At start: tells the control plane of every stored workflow. */
  restore(): void {
    for (const stored of this.#parts.catalog.list()) this.#parts.graphs.deploy(stored);
  }

  /** What keeps runs from going well as things are. */
  warningsFor({ functions }: Workflow): readonly string[] {
    return functions
      .filter((name) => this.#parts.functions.find(name) === undefined)
      .map((name) => `Function ${name} is not deployed: until it is, its stages fail with status 404`);
  }

  /** Refuses a deadline that cannot be met even at the highest clocks, as far as the functions are known. */
  #checkDeadline({ name, definition, settings: { deadline } }: Workflow): void {
    if (deadline === undefined) return;
    const graph = workflowGraph(definition, this.#parts.catalog.find(name)?.history);
    const outcome = this.#parts.plan(graph, deadline)?.leastEnergy;
    if (outcome?.kind !== "infeasible") return;
    const smallest = Math.ceil(outcome.smallest * 1e3) / 1e3;
    throw new FrugalError(
      "deadline-infeasible",
      `${name} cannot meet its deadline of ${deadline.deadline} s: by what is known of its functions, its critical path takes ` +
        `${smallest} s at the highest clocks\nGive it a deadline of at least ${smallest} s, or make its stages faster.`,
      { details: { deadlineSeconds: deadline.deadline, smallestDeadlineSeconds: smallest } },
    );
  }
}
