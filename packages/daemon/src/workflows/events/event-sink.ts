/**
 * Posts events to somebody outside, one after the other, as far as that works: a sink that is slow or gone holds nothing up,
 * and what does not fit into the queue is dropped and counted.
 */
import type { CloudEvent } from "@frugal/control";
import { type Clock, plus, seconds } from "@frugal/core";

const MOST_QUEUED = 1000;
const LIMIT = seconds(10);

export class EventSink {
  readonly #url: string | undefined;
  readonly #clock: Clock;
  readonly #dropped: () => void;
  readonly #queue: CloudEvent[] = [];
  #isPosting = false;
  #abort: AbortController | undefined;

  /** `dropped` is told of each event that is not delivered. */
  constructor(url: string | undefined, clock: Clock, dropped: () => void) {
    this.#url = url;
    this.#clock = clock;
    this.#dropped = dropped;
  }

  send(event: CloudEvent): void {
    if (this.#url === undefined) return;
    if (this.#queue.length >= MOST_QUEUED) this.#dropped();
    else this.#queue.push(event);
    if (!this.#isPosting) void this.#post(this.#url);
  }

  /** What is queued is not delivered any more. */
  close(): void {
    this.#queue.length = 0;
    this.#abort?.abort();
  }

  async #post(url: string): Promise<void> {
    this.#isPosting = true;
    for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
      const abort = (this.#abort = new AbortController());
      const cancel = this.#clock.at(plus(this.#clock.now(), LIMIT), () => abort.abort());
      try {
        const response = await fetch(url, {
          method: "POST",
          headers: { "content-type": "application/cloudevents+json; charset=utf-8" },
          body: JSON.stringify(event),
          signal: abort.signal,
        });
        await response.body?.cancel();
        if (!response.ok) this.#dropped();
      } catch {
        this.#dropped();
      } finally {
        cancel();
      }
    }
    this.#isPosting = false;
  }
}
