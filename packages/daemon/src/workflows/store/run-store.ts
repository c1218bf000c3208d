/**
 * The tables of runs: every statement on them, and nothing that decides. What is written is on disk with the transaction
 * around it.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { CloudEvent, Json, StepRecord } from "@frugal/control";
import type { RunId, Seconds, WorkflowName } from "@frugal/core";
import { type Retention, RetentionCheck } from "../../queue/retention.ts";
import type { Run, RunBeginning, RunEnding, RunStatus, RunSummary, StageEntry } from "./run.ts";
import { type Row, runOf, summaryColumns, summaryOf } from "./run-row.ts";

/** Which runs to list. */
export interface RunFilter {
  readonly workflow?: WorkflowName | undefined;
  readonly status?: RunStatus | undefined;
  readonly limit: number;
}

/** What belongs to a run besides its row. */
const parts = ["run_records", "run_stages", "run_events"] as const;

export class RunStore {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #end: StatementSync;
  readonly #record: StatementSync;
  readonly #stage: StatementSync;
  readonly #event: StatementSync;
  readonly #find: StatementSync;
  readonly #child: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare(
      `INSERT INTO runs (id, workflow, definition, version, is_durable, parent, parent_execution, is_awaited, status, deadline,
         started_at, input) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?, ?)`,
    );
    this.#end = database.prepare(
      `UPDATE runs SET status = ?, ended_at = ?, output = ?, fault = ?, energy = ?, bytes = length(input) + ? +
         (SELECT coalesce(sum(length(stage)), 0) FROM run_stages WHERE run = runs.id) +
         (SELECT coalesce(sum(length(event)), 0) FROM run_events WHERE run = runs.id) WHERE id = ?`,
    );
    this.#record = database.prepare("INSERT INTO run_records (run, key, content) VALUES (?, ?, ?)");
    this.#stage = database.prepare("INSERT INTO run_stages (run, stage) VALUES (?, ?)");
    this.#event = database.prepare("INSERT INTO run_events (run, event) VALUES (?, ?)");
    this.#find = database.prepare("SELECT * FROM runs WHERE id = ?");
    this.#child = database.prepare(
      "SELECT * FROM runs WHERE parent = ? AND parent_execution = ? ORDER BY sequence DESC LIMIT 1",
    );
  }

  begin(run: RunBeginning): void {
    this.#insert.run(
      run.id,
      run.workflow,
      run.definition,
      run.version,
      Number(run.isDurable),
      run.parent?.run ?? null,
      run.parent?.execution ?? null,
      Number(run.parent?.isAwaited ?? false),
      run.deadline ?? null,
      run.startedAt,
      JSON.stringify(run.input),
    );
  }

  /** `content` is JSON, as that of stages and events is. */
  record(run: RunId, key: string, content: string): void {
    this.#record.run(run, key, content);
  }

  stage(run: RunId, entry: string): void {
    this.#stage.run(run, entry);
  }

  event(run: RunId, event: string): void {
    this.#event.run(run, event);
  }

  /** The records have served their purpose. */
  end(run: RunId, { status, endedAt, output, fault, energy }: RunEnding): void {
    const text = output === undefined ? null : JSON.stringify(output);
    this.#end.run(
      status,
      endedAt,
      text,
      fault === undefined ? null : JSON.stringify(fault),
      JSON.stringify(energy),
      text?.length ?? 0,
      run,
    );
    this.#database.prepare("DELETE FROM run_records WHERE run = ?").run(run);
  }

  find(id: string): Run | undefined {
    const row = this.#find.get(id);
    return row === undefined ? undefined : runOf(row);
  }

  /** The latest run that this execution of a step started. */
  childOf(parent: RunId, execution: string): Run | undefined {
    const row = this.#child.get(parent, execution);
    return row === undefined ? undefined : runOf(row);
  }

  /** The step that started this run would start another one: what this one did is lost. */
  detach(run: RunId): void {
    this.#database.prepare("UPDATE runs SET parent_execution = NULL WHERE id = ?").run(run);
  }

  /** Newest first. */
  list({ workflow, status, limit }: RunFilter): readonly RunSummary[] {
    const wanted = [
      ...(workflow === undefined ? [] : [["workflow = ?", workflow] as const]),
      ...(status === undefined ? [] : [["status = ?", status] as const]),
    ];
    const where = wanted.length === 0 ? "" : `WHERE ${wanted.map(([condition]) => condition).join(" AND ")}`;
    return this.#database
      .prepare(`SELECT ${summaryColumns} FROM runs ${where} ORDER BY sequence DESC LIMIT ?`)
      .all(...wanted.map(([, value]) => value), limit)
      .map(summaryOf);
  }

  /** In the order of their start, so parents before their children. */
  unfinished(): readonly Run[] {
    return this.#database
      .prepare("SELECT * FROM runs WHERE status = 'running' ORDER BY sequence")
      .all()
      .map(runOf);
  }

  records(run: RunId): readonly StepRecord[] {
    return this.#partsOf("run_records", run).map((row) => ({
      key: String(row["key"]),
      content: JSON.parse(String(row["content"])) as Json,
    }));
  }

  /** In characters. */
  sizeOfRecords(run: RunId): number {
    const row = this.#database
      .prepare("SELECT coalesce(sum(length(content)), 0) AS size FROM run_records WHERE run = ?")
      .get(run);
    return Number(row?.["size"] ?? 0);
  }

  stages(run: RunId): readonly StageEntry[] {
    return this.#partsOf("run_stages", run).map((row) => JSON.parse(String(row["stage"])) as StageEntry);
  }

  events(run: RunId): readonly CloudEvent[] {
    return this.#partsOf("run_events", run).map((row) => JSON.parse(String(row["event"])) as CloudEvent);
  }

  /** Runs of a workflow that have not ended. */
  countRunning(workflow: WorkflowName): number {
    const row = this.#database
      .prepare("SELECT count(*) AS count FROM runs WHERE status = 'running' AND workflow = ?")
      .get(workflow);
    return Number(row?.["count"] ?? 0);
  }

  /** Forgets ended runs beyond `retention`, oldest first, and definitions that nothing needs any more. */
  prune(retention: Retention, now: Seconds): void {
    const rows = this.#database
      .prepare(
        "SELECT id, ended_at, bytes FROM runs WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, sequence DESC",
      )
      .iterate();
    const forgotten: string[] = [];
    const check = new RetentionCheck(retention, now);
    for (const row of rows)
      if (!check.keeps(Number(row["ended_at"]), Number(row["bytes"]))) forgotten.push(String(row["id"]));
    const removals = parts.map((part) => this.#database.prepare(`DELETE FROM ${part} WHERE run = ?`));
    removals.push(this.#database.prepare("DELETE FROM runs WHERE id = ?"));
    for (const id of forgotten) for (const removal of removals) removal.run(id);
    this.#database.exec(
      `DELETE FROM workflow_definitions WHERE id NOT IN (SELECT definition FROM workflows)
         AND id NOT IN (SELECT definition FROM runs)`,
    );
  }

  #partsOf(table: (typeof parts)[number], run: RunId): readonly Row[] {
    return this.#database.prepare(`SELECT * FROM ${table} WHERE run = ? ORDER BY sequence`).all(run);
  }
}
