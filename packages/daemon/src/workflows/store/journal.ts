/**
 * Group commit: what one turn of the event loop writes goes to disk in one transaction, and what waits for it is done after.
 *
 * Invariants (cited by the tests):
 *   W1  what was written last is never on disk without what was written before
 *   W2  an action that follows a write is carried out after the write is on disk, in order, and once
 *   W3  a write that fails whatever the disk does is complained of and left out: it holds nothing up
 */
import type { DatabaseSync } from "node:sqlite";
import { type Clock, FrugalError, plus, seconds } from "@frugal/core";
import { isOfDisk, storageFailure, transaction } from "../../registry/database.ts";

interface Entry {
  readonly write: (() => void) | undefined;
  readonly then: (() => void) | undefined;
  /** Given up where it cannot be written at once. */
  readonly fail?: (error: FrugalError) => void;
}

/** After a failed write, such as on a full disk. */
const RETRY_DELAY = seconds(1);

export class Journal {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  /** Told of a write that failed, and of what an action throws. */
  readonly #complain: (fault: unknown) => void;
  #entries: Entry[] = [];
  #isScheduled = false;
  #isClosed = false;
  #cancelRetry: () => void = () => undefined;

  constructor(database: DatabaseSync, clock: Clock, complain: (fault: unknown) => void) {
    this.#database = database;
    this.#clock = clock;
    this.#complain = complain;
  }

  /** `write` happens in the next transaction, `then` after its commit. */
  write(write: () => void, then?: () => void): void {
    this.#append({ write, then });
  }

  /** Like `write`, but where the disk does not take it at once, nothing is written and `fail` is told. */
  tryWrite(write: () => void, then: () => void, fail: (error: FrugalError) => void): void {
    this.#append({ write, then, fail });
  }

  /** `then` happens when everything written so far is on disk. */
  after(then: () => void): void {
    this.#append({ write: undefined, then });
  }

  /** Writes what is left, and takes nothing more. Actions that would follow are not carried out. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelRetry();
    this.#commit();
  }

  #append(entry: Entry): void {
    if (this.#isClosed) return;
    this.#entries.push(entry);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.#isClosed) this.#turn();
    });
  }

  #turn(): void {
    const entries = this.#commit();
    if (entries === undefined) {
      this.#isScheduled = true;
      this.#cancelRetry = this.#clock.at(plus(this.#clock.now(), RETRY_DELAY), () => {
        this.#isScheduled = false;
        if (!this.#isClosed) this.#turn();
      });
      return;
    }
    for (const { then } of entries) this.#carryOut(then);
  }

  #carryOut(action: (() => void) | undefined): void {
    try {
      action?.();
    } catch (fault) {
      this.#complain(fault);
    }
  }

  /** What is on disk now; undefined where it could not be written, and is kept. */
  #commit(): readonly Entry[] | undefined {
    const entries = this.#entries;
    const impossible = new Map<Entry, unknown>();
    try {
      if (entries.some(({ write }) => write !== undefined))
        transaction(this.#database, () => {
          for (const entry of entries) writeOne(entry, impossible);
        });
    } catch (cause) {
      this.#complain(storageFailure("What runs of workflows did cannot be stored", cause));
      this.#entries = entries.filter(({ fail }) => fail === undefined);
      for (const { fail } of entries) fail?.(storageFailure("The run cannot be started", cause));
      return undefined;
    }
    this.#entries = [];
    for (const [{ fail }, cause] of impossible) {
      this.#complain(cause);
      fail?.(new FrugalError("internal", "The run cannot be stored, and is not started", { cause }));
    }
    return entries.filter((entry) => !impossible.has(entry) || entry.fail === undefined);
  }
}

/** Collects what can never be written (W3). */
function writeOne(entry: Entry, impossible: Map<Entry, unknown>): void {
  try {
    entry.write?.();
  } catch (fault) {
    if (isOfDisk(fault)) throw fault;
    impossible.set(entry, fault);
  }
}
