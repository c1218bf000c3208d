/**
 * The events of one listening task: taken as they come, recorded, and handed out in the order in which they came.
 */
import { isObject, member } from "../../data/json-value.ts";
import { numbered } from "../../run/execution-key.ts";
import type { Wait } from "../../run/wait.ts";
import { waitUntil } from "../../run/waits.ts";
import type { CloudEvent } from "../../step.ts";
import type { Execution } from "../../perform/execution.ts";
import { EventStrategy, type Taking } from "./event-strategy.ts";

export class Subscription {
  readonly #execution: Execution;
  readonly #wanted: EventStrategy;
  /** The events that end the listening, where it goes on until there are such. */
  readonly #until: EventStrategy | undefined;
  /** Whether one match is not enough: it goes on until something says so. */
  readonly #isOpen: boolean;
  readonly #queue: CloudEvent[] = [];
  readonly #close: () => void;
  #taken = 0;
  #arrived: (() => void) | undefined;

  constructor(execution: Execution) {
    this.#execution = execution;
    const to = execution.property("listen", "to") ?? null;
    const until = member(to, "any") === undefined ? undefined : member(to, "until");
    this.#wanted = new EventStrategy(execution, to);
    this.#until = isObject(until) ? new EventStrategy(execution, until) : undefined;
    this.#isOpen = until !== undefined;
    this.#takeRecorded();
    this.#close = execution.run.listen((event) => this.#offer(event));
  }

  /** Whether no further event will be taken. */
  get isOver(): boolean {
    return this.#until?.isMet === true || (!this.#isOpen && this.#wanted.isMet);
  }

  /** The next event; undefined where none has come yet. */
  next(): CloudEvent | undefined {
    return this.#queue.shift();
  }

  arrival(): Wait {
    return waitUntil((wake) => {
      this.#arrived = wake;
      return () => {
        this.#arrived = undefined;
      };
    });
  }

  close(): void {
    this.#close();
  }

  #takeRecorded(): void {
    const { run, site } = this.#execution;
    for (;;) {
      const consumed = run.find("consumed", numbered(site.key, "event", this.#taken + 1));
      if (consumed === undefined) return;
      this.#take(consumed.event, consumed, consumed.isOfUntil);
    }
  }

  #offer(event: CloudEvent): void {
    if (this.isOver) return;
    const ending = this.#until?.takingOf(event);
    const taking = ending ?? this.#wanted.takingOf(event);
    if (taking === undefined) return;
    const isOfUntil = ending !== undefined;
    this.#take(event, taking, isOfUntil);
    const { run, site } = this.#execution;
    run.record(numbered(site.key, "event", this.#taken), { kind: "consumed", event, isOfUntil, ...taking });
    this.#arrived?.();
  }

  #take(event: CloudEvent, taking: Taking, isOfUntil: boolean): void {
    this.#taken++;
    if (isOfUntil) this.#until?.take(taking);
    else {
      this.#wanted.take(taking);
      this.#queue.push(event);
    }
  }
}
