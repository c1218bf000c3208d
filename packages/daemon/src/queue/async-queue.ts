/**
 * Durable asynchronous invocations (I1): what was accepted is executed at least once or ends in a recorded failure, across
 * kill -9.
 *
 * Arrivals and endings are collected and committed together once per turn of the event loop, so that thousands a second
 * cost few commits. An arrival is acknowledged after its commit, never before. What was running when the process died is
 * taken up again. Nothing is polled: work comes from arrivals, endings and one timer for the next retry.
 *
 * Invariants (cited by the tests):
 *   Q1  every acknowledged invocation is in the database, also after kill -9
 *   Q2  every invocation ends as succeeded or failed, exactly once
 *   Q3  at most `maxInFlight` are in flight; a refusal counts no attempt
 */
import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import {
  type Clock,
  FrugalError,
  messageOf,
  minus,
  parseFunctionName,
  plus,
  type Seconds,
  seconds,
} from "@frugal/core";
import type { InvocationResult, Platform } from "../platform/platform.ts";
import { storageFailure, transaction } from "../registry/database.ts";
import type { FunctionDefinition } from "../registry/definition.ts";
import { functionNotFound } from "../registry/deployments.ts";
import { functionArn } from "../registry/function-arn.ts";
import type { AsyncInvocation, AsyncRequest } from "./async-invocation.ts";
import { endingOf } from "./attempt.ts";
import { Lanes } from "./lanes.ts";
import type { AsyncQueueOptions } from "./queue-options.ts";
import { type ClaimedInvocation, type Ending, QueueTable } from "./queue-table.ts";

interface Parts {
  readonly database: DatabaseSync;
  readonly platform: Pick<Platform, "invoke">;
  readonly functions: { find(name: string): { readonly definition: FunctionDefinition } | undefined };
  readonly clock: Clock;
  readonly options: AsyncQueueOptions;
}

interface Arrival {
  readonly request: AsyncRequest;
  readonly done: (error: FrugalError | undefined) => void;
}

/**
 * An invocation under which the platform ended so often is given up: it may be the cause. What is in flight may only have
 * waited for an instance, and noting which had one would cost a write for each; so many ends in a row meet an innocent one
 * only where the platform cannot live at all.
 */
const mostInterruptions = 10;
/** After a failed write. */
const storageRetryDelay = seconds(1);
/** Finished invocations, and bytes of results, between two prunings. */
const pruneEvery = { count: 1024, bytes: 64 * 1024 ** 2 };

export class AsyncQueue {
  readonly #parts: Parts;
  readonly #table: QueueTable;
  readonly #lanes = new Lanes();
  #arrivals: Arrival[] = [];
  #endings: Ending[] = [];
  #outstanding: { count: number; bytes: number };
  #unpruned = { count: Infinity, bytes: 0 };
  #state: "idle" | "dispatching" | "stopped" | "closed" = "idle";
  #isScheduled = false;
  #cancelTimer: () => void = () => undefined;
  /** Wall time less monotonic time at the start. */
  readonly #epoch: Seconds;

  /** Takes up what an earlier process left; nothing is dispatched before `start`. */
  constructor(parts: Parts) {
    this.#parts = parts;
    this.#table = new QueueTable(parts.database);
    const interrupted = new FrugalError(
      "internal",
      `The platform ended ${mostInterruptions} times while this invocation was in flight, so it is not attempted again.`,
    );
    this.#epoch = minus(parts.clock.wall(), parts.clock.now());
    const now = this.#now();
    const latest = plus(now, parts.options.retries.longestDelay);
    transaction(parts.database, () =>
      this.#table.recover({ now, latest }, mostInterruptions, interrupted.toReport()),
    );
    for (const lane of this.#table.lanes()) this.#lanes.expect(lane.function, lane.due);
    this.#outstanding = { ...this.#table.outstanding() };
  }

  /** Accepts an invocation. `done` is called once, later: without an error when it is on disk; else it was not accepted. */
  enqueue(request: AsyncRequest, done: (error: FrugalError | undefined) => void): void {
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      queueMicrotask(() => done(refusal));
      return;
    }
    this.#outstanding.count++;
    this.#outstanding.bytes += request.payload.length;
    this.#arrivals.push({ request, done });
    this.#schedule();
  }

  /** The invocation of this id, unless it was never accepted or is forgotten by now. */
  find(requestId: string): AsyncInvocation | undefined {
    return this.#table.find(requestId);
  }

  counts(): { readonly queued: number; readonly running: number } {
    const running = this.#lanes.inFlight;
    return { queued: this.#outstanding.count - running, running };
  }

  start(): void {
    if (this.#state !== "idle") return;
    this.#state = "dispatching";
    this.#schedule();
  }

  /** Dispatches and accepts nothing more. What is in flight may still end. */
  stop(): void {
    if (this.#state !== "closed") this.#state = "stopped";
    this.#cancelTimer();
  }

  /** Writes what has ended. What is still in flight runs again after the next start. The database stays open. */
  close(): void {
    if (this.#state === "closed") return;
    this.stop();
    this.#turn();
    this.#state = "closed";
  }

  #refusal(request: AsyncRequest): FrugalError | undefined {
    const { maxQueued, maxQueuedBytes } = this.#parts.options;
    if (this.#state === "stopped" || this.#state === "closed")
      return new FrugalError(
        "shutting-down",
        "The platform is shutting down and accepts no asynchronous invocation.",
      );
    const { count, bytes } = this.#outstanding;
    if (count < maxQueued && bytes + request.payload.length <= maxQueuedBytes) return undefined;
    return new FrugalError(
      "overloaded",
      `The queue of asynchronous invocations is full (${count} invocations, ${bytes} bytes). Try again later, ` +
        "or raise async.maxQueued or async.maxQueuedBytes.",
      { details: { retryAfterSeconds: 1 } },
    );
  }

  #schedule(): void {
    if (this.#isScheduled || this.#state === "closed") return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#state !== "closed") this.#turn();
    });
  }

  /** One turn: arrivals first and on their own, so that a failing write of one kind does not hold up the other. */
  #turn(): void {
    this.#commitArrivals();
    const claimed = this.#commitEndings();
    for (const invocation of claimed) this.#attempt(invocation);
    this.#armTimer();
  }

  #commitArrivals(): void {
    const arrivals = this.#arrivals;
    if (arrivals.length === 0) return;
    this.#arrivals = [];
    const now = this.#now();
    let failure: FrugalError | undefined;
    try {
      transaction(this.#parts.database, () => {
        for (const { request } of arrivals) this.#table.insert(request, now);
      });
    } catch (cause) {
      failure = storageFailure("The invocation cannot be queued", cause);
    }
    for (const { request, done } of arrivals) {
      if (failure === undefined) this.#lanes.expect(request.function, now);
      else this.#forget(request.payload.length);
      done(failure);
    }
  }

  #commitEndings(): readonly ClaimedInvocation[] {
    const { database, clock, options } = this.#parts;
    const endings = this.#endings;
    const isPruning = this.#unpruned.count >= pruneEvery.count || this.#unpruned.bytes >= pruneEvery.bytes;
    const claimed: ClaimedInvocation[] = [];
    if (endings.length === 0 && this.#state !== "dispatching") return claimed;
    const now = this.#now();
    try {
      transaction(database, () => {
        for (const ending of endings) this.#table.end(ending, now);
        if (isPruning) this.#table.prune(options.retention, now);
        if (this.#state === "dispatching") this.#claim(claimed, now);
      });
    } catch {
      // The claims are void; the endings are written with a later turn.
      for (const { function: name } of claimed) {
        this.#lanes.release(name);
        this.#lanes.expect(name, plus(now, storageRetryDelay));
      }
      if (this.#state === "dispatching")
        clock.at(plus(clock.now(), storageRetryDelay), () => this.#schedule());
      return [];
    }
    this.#endings = [];
    if (isPruning) this.#unpruned = { count: 0, bytes: 0 };
    return claimed;
  }

  #claim(claimed: ClaimedInvocation[], now: Seconds): void {
    const { functions, options } = this.#parts;
    const limitOf = (name: string): number => {
      const definition = functions.find(name)?.definition;
      return definition === undefined
        ? options.maxInFlight
        : definition.maxInstances * definition.concurrency;
    };
    this.#lanes.fill(options.maxInFlight, now, limitOf, (name, most) => {
      const taken = this.#table.claim(name, now, most);
      const due = this.#table.nextDue(name);
      claimed.push(...taken);
      return { taken: taken.length, due };
    });
  }

  #attempt(invocation: ClaimedInvocation): void {
    const { platform, functions, options } = this.#parts;
    const { requestId, payload, traceId, clientContext } = invocation;
    const definition = functions.find(invocation.function)?.definition;
    const name = parseFunctionName(invocation.function);
    if (definition === undefined || name === undefined)
      return this.#settle(invocation, 0, refusedWith(functionNotFound(invocation.function)));
    if (this.#now() - invocation.acceptedAt > options.maxAge)
      return this.#settle(invocation, 0, refusedWith(tooOld(options.maxAge)));
    const request = {
      requestId,
      payload,
      functionArn: functionArn(name),
      ...(traceId === undefined ? {} : { traceId }),
      ...(clientContext === undefined ? {} : { clientContext }),
    };
    try {
      platform.invoke(name, request, (result) => this.#settle(invocation, definition.asyncRetries, result));
    } catch (error) {
      this.#settle(invocation, definition.asyncRetries, refusedWith(error));
    }
  }

  #settle(invocation: ClaimedInvocation, retries: number, result: InvocationResult): void {
    const { options } = this.#parts;
    const ending = endingOf(invocation, result, retries, { rules: options.retries, now: this.#now() });
    this.#lanes.release(invocation.function);
    this.#endings.push(ending);
    if (ending.kind === "again") this.#lanes.expect(invocation.function, ending.at);
    else {
      this.#forget(invocation.payload.length);
      this.#unpruned.count++;
      if (ending.kind === "succeeded") this.#unpruned.bytes += ending.result.length;
    }
    this.#schedule();
  }

  #forget(payloadBytes: number): void {
    this.#outstanding.count--;
    this.#outstanding.bytes -= payloadBytes;
  }

  /**
   * Wall time, so that times in the database outlast the process, but as it was at the start and running evenly since:
   * when the wall clock is set back by an hour, nothing that is due waits for it.
   */
  #now(): Seconds {
    return plus(this.#epoch, this.#parts.clock.now());
  }

  #armTimer(): void {
    this.#cancelTimer();
    if (this.#state !== "dispatching") return;
    const { clock } = this.#parts;
    const now = this.#now();
    const due = this.#lanes.nextDue(now);
    if (due === undefined) return;
    this.#cancelTimer = clock.at(plus(clock.now(), seconds(due - now)), () => this.#schedule());
  }
}

const refusedWith = (error: unknown): InvocationResult => ({
  kind: "refused",
  requestId: randomUUID(),
  error: error instanceof FrugalError ? error.toReport() : { code: "internal", message: messageOf(error) },
  retryAfter: undefined,
});

/** Not `queue-timeout`, which would be retried. */
const tooOld = (maxAge: Seconds): FrugalError =>
  new FrugalError(
    "function-timeout",
    `The invocation could not be executed within ${maxAge} s of its arrival: the platform was busy or not running.`,
  );
