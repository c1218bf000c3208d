/**
 * The deployed workflows, kept in the database and in memory, with what their runs add up to.
 *
 * A run goes on by the definition that it was started with, so a definition outlasts its workflow until no run needs it.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { BranchStatistics, type Json, type WorkflowDefinition } from "@frugal/control";
import { FrugalError, type Seconds, seconds, type WorkflowName, workflowName } from "@frugal/core";
import { storageFailure, transaction } from "../../registry/database.ts";
import { workflowOf } from "../definition/parse-workflow.ts";
import type { Workflow } from "../definition/workflow.ts";
import type { RunBeginning, RunStatus, StageEntry } from "./run.ts";

/** Runs that ended, by how. */
export type RunTally = Readonly<Record<Exclude<RunStatus, "running">, number>>;

export interface StoredWorkflow {
  readonly workflow: Workflow;
  /** Number of its definition. */
  readonly definition: number;
  /** Seconds since 1970. */
  readonly updatedAt: Seconds;
  readonly tally: RunTally;
  /** What its runs have shown of branches, loops and latencies. */
  readonly history: BranchStatistics;
}

const noRuns: RunTally = { completed: 0, faulted: 0, cancelled: 0 };

export class WorkflowCatalog {
  readonly #database: DatabaseSync;
  readonly #workflows = new Map<string, StoredWorkflow>();
  readonly #note: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#note = database.prepare("UPDATE workflows SET tally = ?, history = ? WHERE name = ?");
    const rows = database.prepare(
      `SELECT name, definition, updated_at, tally, history, text FROM workflows
       JOIN workflow_definitions ON workflow_definitions.id = definition`,
    );
    for (const row of rows.all()) {
      const stored = storedWorkflowOf(row);
      this.#workflows.set(stored.workflow.name, stored);
    }
  }

  find(name: string): StoredWorkflow | undefined {
    return this.#workflows.get(name);
  }

  /** By name. */
  list(): readonly StoredWorkflow[] {
    return [...this.#workflows.values()].sort((a, b) => (a.workflow.name < b.workflow.name ? -1 : 1));
  }

  /** Stores a workflow, or the next version of one: what is known of its runs stays unless its tasks changed. */
  put(workflow: Workflow, now: Seconds): StoredWorkflow {
    const { name, definition } = workflow;
    const text = JSON.stringify(definition);
    const present = this.#workflows.get(name);
    const isSame = present !== undefined && JSON.stringify(present.workflow.definition) === text;
    const { tally = noRuns } = present ?? {};
    const history = isSame || sameTasks(present, workflow) ? present.history : new BranchStatistics();
    const number = this.#change(`Workflow ${name} cannot be stored`, () => {
      const id = isSame ? present.definition : this.#addDefinition(name, text);
      this.#database
        .prepare(
          "INSERT OR REPLACE INTO workflows (name, definition, updated_at, tally, history) VALUES (?, ?, ?, ?, ?)",
        )
        .run(name, id, now, JSON.stringify(tally), JSON.stringify(history));
      return id;
    });
    const stored = { workflow, definition: number, updatedAt: now, tally, history };
    this.#workflows.set(name, stored);
    return stored;
  }

  /** FrugalError workflow-not-found where there is none. */
  remove(name: WorkflowName): void {
    if (!this.#workflows.has(name)) throw workflowNotFound(name);
    this.#change(`Workflow ${name} cannot be removed`, () => {
      this.#database.prepare("DELETE FROM workflows WHERE name = ?").run(name);
    });
    this.#workflows.delete(name);
  }

  /** The workflow that the definition of this number makes. */
  byDefinition(number: number): Workflow {
    const row = this.#database.prepare("SELECT text FROM workflow_definitions WHERE id = ?").get(number);
    if (row === undefined)
      throw new FrugalError("storage-failed", `The definition ${number} of a running workflow is gone.`);
    return workflowOf(JSON.parse(String(row["text"])) as WorkflowDefinition);
  }

  /** A stage of a run was executed. */
  noteStage(run: RunBeginning, { task, latency, fault }: StageEntry): void {
    // A failure says nothing of how long a success takes.
    if (fault === undefined) this.#historyOf(run)?.addLatency(task, latency);
  }

  /** A run is about to end that executed what these keys name. */
  noteRun(run: RunBeginning, executed: Iterable<string>): void {
    this.#historyOf(run)?.addRun(executed);
  }

  /** A run of the workflow ended. */
  noteEnd(name: WorkflowName, status: keyof RunTally): void {
    const stored = this.#workflows.get(name);
    if (stored !== undefined)
      this.#workflows.set(name, {
        ...stored,
        tally: { ...stored.tally, [status]: stored.tally[status] + 1 },
      });
  }

  /** Writes what was noted of the workflow's runs; within a transaction, any number of times. */
  save(name: WorkflowName): void {
    const stored = this.#workflows.get(name);
    if (stored !== undefined)
      this.#note.run(JSON.stringify(stored.tally), JSON.stringify(stored.history), name);
  }

  /** Undefined where the run is by another definition than the workflow has by now. */
  #historyOf({ workflow, definition }: RunBeginning): BranchStatistics | undefined {
    const stored = this.#workflows.get(workflow);
    return stored?.definition === definition ? stored.history : undefined;
  }

  #addDefinition(name: WorkflowName, text: string): number {
    const { lastInsertRowid } = this.#database
      .prepare("INSERT INTO workflow_definitions (workflow, text) VALUES (?, ?)")
      .run(name, text);
    return Number(lastInsertRowid);
  }

  #change<T>(failure: string, work: () => T): T {
    try {
      return transaction(this.#database, work);
    } catch (cause) {
      throw storageFailure(failure, cause);
    }
  }
}

function sameTasks(present: StoredWorkflow | undefined, next: Workflow): present is StoredWorkflow {
  return (
    present !== undefined &&
    JSON.stringify(present.workflow.definition.do) === JSON.stringify(next.definition.do)
  );
}

function storedWorkflowOf(row: Readonly<Record<string, unknown>>): StoredWorkflow {
  const workflow = workflowOf(JSON.parse(String(row["text"])) as WorkflowDefinition);
  const { tally, history } = row;
  return {
    workflow: { ...workflow, name: workflowName(String(row["name"])) },
    definition: Number(row["definition"]),
    updatedAt: seconds(Number(row["updated_at"])),
    tally: typeof tally === "string" ? (JSON.parse(tally) as RunTally) : noRuns,
    history: BranchStatistics.from(typeof history === "string" ? (JSON.parse(history) as Json) : undefined),
  };
}

export const workflowNotFound = (name: string): FrugalError =>
  new FrugalError(
    "workflow-not-found",
    `No workflow is named ${name}. See which there are: frugal workflow list`,
    {
      details: { workflow: name },
    },
  );
