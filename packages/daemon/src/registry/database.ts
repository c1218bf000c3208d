/**
 * The one database file of a platform, `<dataDirectory>/frugal.db`: functions, asynchronous invocations, workflows and
 * their runs.
 *
 * SQLite in WAL mode with synchronous = NORMAL: a commit has reached the kernel when it returns, so it survives kill -9
 * of any process (I1). A power cut may take the last commits, but never leaves half of one.
 *
 * The file is locked for as long as the process lives: a second platform on the same data directory is refused.
 */
import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FrugalError, messageOf } from "@frugal/core";

/** Each entry takes the schema from the version of its index to the next. Never change one that was released. */
const migrations: readonly string[] = [
  `CREATE TABLE functions (
     name TEXT PRIMARY KEY,
     revision INTEGER NOT NULL,
     settings TEXT NOT NULL,
     role TEXT,
     code_sha256 TEXT NOT NULL,
     code_size INTEGER NOT NULL,
     last_modified TEXT NOT NULL
   ) STRICT;
   CREATE TABLE async_invocations (
     sequence INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     function TEXT NOT NULL,
     payload BLOB,
     trace_id TEXT,
     client_context TEXT,
     state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed')),
     attempts INTEGER NOT NULL DEFAULT 0,
     interruptions INTEGER NOT NULL DEFAULT 0,
     accepted_at REAL NOT NULL,
     next_attempt_at REAL NOT NULL,
     finished_at REAL,
     result BLOB,
     error TEXT,
     facts TEXT
   ) STRICT;
   CREATE INDEX async_due ON async_invocations (function, next_attempt_at, sequence) WHERE state = 'queued';
   CREATE INDEX async_running ON async_invocations (sequence) WHERE state = 'running';
   CREATE INDEX async_finished ON async_invocations (finished_at) WHERE finished_at IS NOT NULL;`,
  `CREATE TABLE workflow_definitions (
     id INTEGER PRIMARY KEY,
     workflow TEXT NOT NULL,
     text TEXT NOT NULL
   ) STRICT;
   CREATE TABLE workflows (
     name TEXT PRIMARY KEY,
     definition INTEGER NOT NULL REFERENCES workflow_definitions (id),
     updated_at REAL NOT NULL,
     tally TEXT,
     history TEXT
   ) STRICT;
   CREATE TABLE runs (
     sequence INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     workflow TEXT NOT NULL,
     definition INTEGER NOT NULL REFERENCES workflow_definitions (id),
     version TEXT NOT NULL,
     is_durable INTEGER NOT NULL,
     parent TEXT,
     parent_execution TEXT,
     is_awaited INTEGER NOT NULL DEFAULT 0,
     status TEXT NOT NULL CHECK (status IN ('running', 'completed', 'faulted', 'cancelled')),
     deadline REAL,
     started_at REAL NOT NULL,
     ended_at REAL,
     input TEXT NOT NULL,
     output TEXT,
     fault TEXT,
     energy TEXT,
     bytes INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE INDEX runs_running ON runs (workflow, sequence) WHERE status = 'running';
   CREATE INDEX runs_ended ON runs (ended_at, sequence, bytes, id) WHERE ended_at IS NOT NULL;
   CREATE INDEX runs_of_workflow ON runs (workflow, sequence);
   CREATE INDEX runs_of_definition ON runs (definition);
   CREATE INDEX runs_of_parent ON runs (parent, parent_execution) WHERE parent IS NOT NULL;
   CREATE TABLE run_records (
     sequence INTEGER PRIMARY KEY,
     run TEXT NOT NULL,
     key TEXT NOT NULL,
     content TEXT NOT NULL
   ) STRICT;
   CREATE INDEX records_of_run ON run_records (run, sequence);
   CREATE TABLE run_stages (
     sequence INTEGER PRIMARY KEY,
     run TEXT NOT NULL,
     stage TEXT NOT NULL
   ) STRICT;
   CREATE INDEX stages_of_run ON run_stages (run, sequence);
   CREATE TABLE run_events (
     sequence INTEGER PRIMARY KEY,
     run TEXT NOT NULL,
     event TEXT NOT NULL
   ) STRICT;
   CREATE INDEX events_of_run ON run_events (run, sequence);`,
];

/** Opens or creates the database; FrugalError storage-failed where that cannot be done. */
export function openDatabase(dataDirectory: string): DatabaseSync {
  const path = join(dataDirectory, "frugal.db");
  try {
    // Others on the machine may pass through to the code packages, but not look around.
    mkdirSync(dataDirectory, { recursive: true, mode: 0o711 });
    // Environments of functions hold secrets; SQLite gives its other files the same mode.
    closeSync(openSync(path, "a", 0o600));
    chmodSync(path, 0o600);
    const database = new DatabaseSync(path);
    try {
      database.exec(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;",
      );
      migrate(database, path);
      return database;
    } catch (cause) {
      database.close();
      throw cause;
    }
  } catch (cause) {
    throw storageFailure(`Cannot open ${path}`, cause);
  }
}

function migrate(database: DatabaseSync, path: string): void {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (version > migrations.length) {
    throw new FrugalError(
      "storage-failed",
      `${path} has schema ${version}, and this Frugal knows schemas up to ${migrations.length}. ` +
        "Use the newer Frugal that wrote it, or another data directory.",
    );
  }
  // Taking the lock also where there is nothing to migrate.
  transaction(database, () => {
    for (const step of migrations.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

/** Runs `work` in a transaction: all of it is committed, or nothing and the error is thrown on. Not nestable. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite has rolled back by itself after some errors, such as a full disk.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

const busy = 5;
const full = 13;

/** Too large, against a constraint, of a wrong type, misused, out of range: no other disk would take it. */
const ofStatement: ReadonlySet<number> = new Set([18, 19, 20, 21, 25]);

/** Whether what was thrown comes from the disk or the file on it, so that the same may succeed later. */
export function isOfDisk(cause: unknown): boolean {
  if (!(cause instanceof Error) || !("errcode" in cause)) return false;
  return !ofStatement.has(Number(cause.errcode) & 0xff);
}

/** `cause` as a storage-failed error that says `what` failed and what to do; a FrugalError stays as it is. */
export function storageFailure(what: string, cause: unknown): FrugalError {
  if (cause instanceof FrugalError) return cause;
  return new FrugalError("storage-failed", `${what}: ${messageOf(cause)}. ${remedyOf(cause)}`, { cause });
}

function remedyOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const number = cause instanceof Error && "errcode" in cause ? cause.errcode : undefined;
  if (number === busy)
    return "Another Frugal uses this data directory: stop it, or give this one another directory.";
  if (number === full || code === "ENOSPC" || code === "EDQUOT")
    return "The disk is full: make room and try again. Nothing was changed.";
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return "Frugal needs to write there: change the permissions, or give it another data directory.";
  return "Nothing was changed; see whether the disk is full or broken.";
}
