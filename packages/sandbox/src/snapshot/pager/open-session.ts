/**
 * The platform's end of one session: promises that the pager's reports settle.
 */
import { FrugalError } from "@frugal/core";
import { type Deferred, deferred } from "../../unit/deferred.ts";
import type { PagingSession, Prefetch, SessionEnd, Touched } from "./pager.ts";
import type { SessionReport } from "./report.ts";

export interface SessionLink {
  readonly socket: string;
  readonly records: PagingSession["records"];
  /** Asks the pager for a `touched` report. */
  ask(): void;
  /** The session has ended; called once. */
  release(): void;
}

export class OpenSession implements PagingSession {
  readonly socket: string;
  readonly records: PagingSession["records"];
  readonly #link: SessionLink;
  readonly #awaiting = deferred<undefined>();
  readonly #finished = deferred<undefined>();
  readonly #prefetched = deferred<Prefetch>();
  readonly #ended = deferred<SessionEnd>();
  /** In order of the questions, as the pager answers them. */
  readonly #questions: Deferred<Touched>[] = [];
  #end: SessionEnd | undefined;

  constructor(link: SessionLink) {
    this.#link = link;
    this.socket = link.socket;
    this.records = link.records;
    // Who awaits only some of these promises must not bring the platform down.
    this.#awaiting.promise.catch(() => undefined);
    this.#finished.promise.catch(() => undefined);
    this.#prefetched.promise.catch(() => undefined);
  }

  /** Resolves when the socket of a guest is there; rejects where the session ends before. */
  get awaiting(): Promise<void> {
    return this.#awaiting.promise;
  }

  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  get prefetched(): Promise<Prefetch> {
    return this.#prefetched.promise;
  }

  get ended(): Promise<SessionEnd> {
    return this.#ended.promise;
  }

  touched(): Promise<Touched> {
    if (this.#end !== undefined) return Promise.reject(endedError(this.#end));
    const question = deferred<Touched>();
    this.#questions.push(question);
    this.#link.ask();
    return question.promise;
  }

  abandon(): void {
    this.close({ kind: "failed", reason: "its unit has ended" });
  }

  hear(report: SessionReport): void {
    switch (report.kind) {
      case "awaiting":
        this.#awaiting.resolve(undefined);
        break;
      case "finished":
        this.#finished.resolve(undefined);
        break;
      case "prefetched":
        this.#prefetched.resolve(report.prefetch);
        break;
      case "touched":
        this.#questions.shift()?.resolve(report.touched);
        break;
      case "closed":
        this.close(report.end);
        break;
      default:
        report satisfies never;
    }
  }

  close(end: SessionEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#link.release();
    const error = endedError(end);
    this.#awaiting.reject(error);
    this.#finished.reject(error);
    this.#prefetched.reject(error);
    for (const question of this.#questions.splice(0)) question.reject(error);
    this.#ended.resolve(end);
  }
}

const endedError = (end: SessionEnd): FrugalError =>
  end.kind === "failed"
    ? new FrugalError("internal", `The pager no longer serves a restored snapshot: ${end.reason}`)
    : new FrugalError("internal", "The restored snapshot has ended, and with it its session of the pager");
