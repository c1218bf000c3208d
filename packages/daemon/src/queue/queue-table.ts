/**
 * The table of asynchronous invocations: every statement on it, and nothing that decides.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type ErrorReport, type Seconds, seconds } from "@frugal/core";
import type { AsyncError, AsyncInvocation, AsyncRequest, AttemptFacts } from "./async-invocation.ts";
import { type Retention, RetentionCheck } from "./retention.ts";

/** An invocation that was taken for an attempt, counted already. */
export interface ClaimedInvocation extends AsyncRequest {
  readonly sequence: number;
  readonly attempts: number;
  readonly acceptedAt: Seconds;
}

/** How an attempt ended. */
export type Ending =
  | {
      readonly kind: "succeeded";
      readonly sequence: number;
      readonly result: Uint8Array;
      readonly facts: AttemptFacts | undefined;
    }
  | {
      readonly kind: "failed";
      readonly sequence: number;
      readonly error: AsyncError;
      readonly facts: AttemptFacts | undefined;
    }
  /** To be attempted again; `isCounted` where the attempt counts against the retries. */
  | {
      readonly kind: "again";
      readonly sequence: number;
      readonly at: Seconds;
      readonly isCounted: boolean;
    };

const table = "async_invocations";

export class QueueTable {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #claim: StatementSync;
  readonly #nextDue: StatementSync;
  readonly #finish: StatementSync;
  readonly #again: StatementSync;
  readonly #find: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare(
      `INSERT INTO ${table} (id, function, payload, trace_id, client_context, state, accepted_at, next_attempt_at)
       VALUES (?, ?, ?, ?, ?, 'queued', ?, ?)`,
    );
    this.#claim = database.prepare(
      `UPDATE ${table} SET state = 'running', attempts = attempts + 1 WHERE sequence IN (
         SELECT sequence FROM ${table} WHERE state = 'queued' AND function = ? AND next_attempt_at <= ?
         ORDER BY next_attempt_at, sequence LIMIT ?)
       RETURNING sequence, id, function, payload, trace_id, client_context, attempts, accepted_at`,
    );
    this.#nextDue = database.prepare(
      `SELECT min(next_attempt_at) AS due FROM ${table} WHERE state = 'queued' AND function = ?`,
    );
    // The payload has served its purpose.
    this.#finish = database.prepare(
      `UPDATE ${table} SET state = ?, finished_at = ?, result = ?, error = ?, facts = ?, payload = NULL WHERE sequence = ?`,
    );
    this.#again = database.prepare(
      `UPDATE ${table} SET state = 'queued', next_attempt_at = ?, attempts = attempts - ? WHERE sequence = ?`,
    );
    this.#find = database.prepare(
      `SELECT id, function, state, attempts, accepted_at, next_attempt_at, finished_at, result, error, facts
       FROM ${table} WHERE id = ?`,
    );
  }

  insert(request: AsyncRequest, now: Seconds): void {
    const { requestId, function: name, payload, traceId, clientContext } = request;
    this.#insert.run(requestId, name, payload, traceId ?? null, clientContext ?? null, now, now);
  }

  /** Takes up to `limit` invocations of a function that are due, in order of arrival. */
  claim(name: string, now: Seconds, limit: number): readonly ClaimedInvocation[] {
    return this.#claim
      .all(name, now, limit)
      .map(claimedInvocationOf)
      .sort((a, b) => a.sequence - b.sequence);
  }

  /** When the next invocation of a function is due, or undefined where none waits. */
  nextDue(name: string): Seconds | undefined {
    const due = this.#nextDue.get(name)?.["due"];
    return typeof due === "number" ? seconds(due) : undefined;
  }

  end(ending: Ending, now: Seconds): void {
    switch (ending.kind) {
      case "succeeded":
        this.#finish.run(ending.kind, now, ending.result, null, jsonOf(ending.facts), ending.sequence);
        break;
      case "failed":
        this.#finish.run(ending.kind, now, null, jsonOf(ending.error), jsonOf(ending.facts), ending.sequence);
        break;
      case "again":
        this.#again.run(ending.at, ending.isCounted ? 0 : 1, ending.sequence);
        break;
      default:
        ending satisfies never;
    }
  }

  find(id: string): AsyncInvocation | undefined {
    const row = this.#find.get(id);
    return row === undefined ? undefined : asyncInvocationOf(row);
  }

  /** The functions with waiting invocations, and when the first of each is due. */
  lanes(): readonly { readonly function: string; readonly due: Seconds }[] {
    return this.#database
      .prepare(
        `SELECT function, min(next_attempt_at) AS due FROM ${table} WHERE state = 'queued' GROUP BY function`,
      )
      .all()
      .map((row) => ({ function: String(row["function"]), due: seconds(Number(row["due"])) }));
  }

  /** What is not finished: how many, and the bytes of their payloads. */
  outstanding(): { readonly count: number; readonly bytes: number } {
    const row = this.#database
      .prepare(
        `SELECT count(*) AS count, coalesce(sum(length(payload)), 0) AS bytes FROM ${table}
         WHERE state IN ('queued', 'running')`,
      )
      .get();
    return { count: Number(row?.["count"] ?? 0), bytes: Number(row?.["bytes"] ?? 0) };
  }

  /**
   * Puts what was running when the platform ended back into the queue, uncounted. What was interrupted
   * `mostInterruptions` times fails with `error`: it may be what ends the platform. What is due later than any retry could
   * be (after `latest`) was noted while the wall clock was wrong, and is due now.
   */
  recover(
    { now, latest }: { readonly now: Seconds; readonly latest: Seconds },
    mostInterruptions: number,
    error: ErrorReport,
  ): void {
    this.#database
      .prepare(`UPDATE ${table} SET next_attempt_at = ? WHERE state = 'queued' AND next_attempt_at > ?`)
      .run(now, latest);
    this.#database
      .prepare(
        `UPDATE ${table} SET state = 'queued', attempts = attempts - 1, interruptions = interruptions + 1,
           next_attempt_at = ? WHERE state = 'running'`,
      )
      .run(now);
    this.#database
      .prepare(
        `UPDATE ${table} SET state = 'failed', finished_at = ?, error = ?, payload = NULL
         WHERE state = 'queued' AND interruptions >= ?`,
      )
      .run(now, jsonOf({ kind: "platform-error", error }), mostInterruptions);
  }

  /** Forgets finished invocations beyond `retention`, the oldest first. */
  prune(retention: Retention, now: Seconds): void {
    const rows = this.#database
      .prepare(
        `SELECT sequence, finished_at, coalesce(length(result), 0) AS bytes FROM ${table}
         WHERE finished_at IS NOT NULL ORDER BY finished_at DESC, sequence DESC`,
      )
      .iterate();
    const forgotten: number[] = [];
    const check = new RetentionCheck(retention, now);
    for (const row of rows)
      if (!check.keeps(Number(row["finished_at"]), Number(row["bytes"])))
        forgotten.push(Number(row["sequence"]));
    const remove = this.#database.prepare(`DELETE FROM ${table} WHERE sequence = ?`);
    for (const sequence of forgotten) remove.run(sequence);
  }
}

type Row = Readonly<Record<string, unknown>>;

const jsonOf = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const bytesOf = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array());

function claimedInvocationOf(row: Row): ClaimedInvocation {
  return {
    sequence: Number(row["sequence"]),
    requestId: String(row["id"]),
    function: String(row["function"]),
    payload: bytesOf(row["payload"]),
    traceId: textOf(row["trace_id"]),
    clientContext: textOf(row["client_context"]),
    attempts: Number(row["attempts"]),
    acceptedAt: seconds(Number(row["accepted_at"])),
  };
}

function asyncInvocationOf(row: Row): AsyncInvocation {
  const base = {
    requestId: String(row["id"]),
    function: String(row["function"]),
    attempts: Number(row["attempts"]),
    acceptedAt: seconds(Number(row["accepted_at"])),
  };
  const finishedAt = seconds(Number(row["finished_at"] ?? 0));
  const facts = parsed(row["facts"], isFacts);
  switch (row["state"]) {
    case "succeeded":
      return { ...base, kind: "succeeded", finishedAt, result: bytesOf(row["result"]), facts };
    case "failed":
      return { ...base, kind: "failed", finishedAt, error: parsed(row["error"], isError) ?? damaged, facts };
    case "running":
      return { ...base, kind: "running" };
    default:
      return { ...base, kind: "queued", nextAttemptAt: seconds(Number(row["next_attempt_at"])) };
  }
}

/** What a column of JSON holds; undefined where it holds nothing of the kind. */
function parsed<T>(text: unknown, isKind: (value: unknown) => value is T): T | undefined {
  if (typeof text !== "string") return undefined;
  const value: unknown = JSON.parse(text);
  return isKind(value) ? value : undefined;
}

/** Enough to tell what this table wrote itself from damage. */
const isFacts = (value: unknown): value is AttemptFacts =>
  typeof value === "object" && value !== null && "start" in value && "energy" in value;
const isError = (value: unknown): value is AsyncError =>
  typeof value === "object" && value !== null && "kind" in value && "error" in value;

const damaged: AsyncError = {
  kind: "platform-error",
  error: { code: "storage-failed", message: "The record of this failure is damaged." },
};
