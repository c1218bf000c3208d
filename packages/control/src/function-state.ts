/**
 * One function as the control plane knows it: what it demands, what waits, and its instances.
 */
import { type FunctionDemand, joules, largest, plus, type Seconds, seconds, watts } from "@frugal/core";
import { Estimate } from "./estimate.ts";
import type { Contender } from "./route/fair-order.ts";
import { type WaitingInvocation, WaitingQueue } from "./route/waiting-queue.ts";
import { FunctionStarts } from "./start/function-starts.ts";
import type { Instance } from "./start/instance.ts";
import type { RestCosts } from "./start/keep-alive/keep-alive.ts";
import { startsWanted } from "./start/scaling.ts";
import { TemplateRecord } from "./start/template-record.ts";

/** A time that does not come. */
export const never: Seconds = seconds(Infinity);

export class FunctionState implements Contender {
  demand: FunctionDemand;
  readonly rank: number;
  virtualTime = 0;
  isContending = false;
  isRemoved = false;

  readonly waiting = new WaitingQueue();
  /** Invocations whose wish for a start of their own no start was begun for yet. */
  readonly wishing = new WaitingQueue();
  /** Every instance that holds resources, whatever its state; no templates. */
  readonly instances = new Set<Instance>();
  /** Ready instances without work, of the current revision; the last one became idle last. */
  readonly idle: Instance[] = [];
  /** Ready instances with work and room for more, of the current revision. */
  readonly partial: Instance[] = [];
  /** Instances being started for whoever comes first, of whatever revision. */
  starting = 0;
  /** Ready instances of the current revision, idle or not. */
  ready = 0;

  /** Of invocations that are not the first of their instance. */
  readonly serviceTime = new Estimate<"s">();
  readonly starts = new FunctionStarts();
  /** What the next start is expected to take; undefined until one was seen or measured elsewhere. */
  startTime: Seconds | undefined;
  restCosts: RestCosts = {
    startTime: seconds(0),
    startJoules: joules(0),
    power: watts(0),
    deadline: undefined,
  };
  /** How long the latest instance that became idle was to stay so. */
  keepFor: Seconds = seconds(0);
  readonly template = new TemplateRecord();
  /** When an invocation was finished or an instance became ready last. */
  lastProgress: Seconds = seconds(0);
  /** Starts that failed since the last one that succeeded. */
  failedStarts = 0;
  /** When the function is to be started ahead of its next invocation, and how long it then stays. */
  prewarm: { readonly at: Seconds; readonly keepFor: Seconds } | undefined;
  /** Earliest time at which the agenda holds a look at the queue. */
  queueCheck = never;
  /** Earliest time at which the agenda holds a look at the provisioned minimum. */
  provisionCheck = never;

  constructor(demand: FunctionDemand, rank: number) {
    this.demand = demand;
    this.rank = rank;
  }

  /** Live instances of the current revision that have not been told to stop. */
  get live(): number {
    return this.starting + this.ready;
  }

  /** Whether its limit allows another instance; those that run out or are being stopped still count (I2). */
  get canGrow(): boolean {
    return this.instances.size < this.demand.maxInstances;
  }

  get isAtRest(): boolean {
    return this.waiting.length === 0 && this.starting === 0 && this.ready === this.idle.length;
  }

  /** Whether a ready instance could take an invocation, cores aside. */
  get hasRoom(): boolean {
    return this.partial.length > 0 || this.idle.length > 0;
  }

  /** When a waiting invocation will have waited, without any progress, for as long as a start takes. */
  owedAt(entry: WaitingInvocation): Seconds {
    return plus(largest(entry.arrived, this.lastProgress), this.startTime ?? seconds(0));
  }

  /** Further instances that the waiting invocations deserve now, within the function's own limit. */
  startsWanted(now: Seconds): number {
    const first = this.waiting.first;
    if (first === undefined) return 0;
    const { concurrency, maxInstances } = this.demand;
    const wanted = startsWanted({
      waiting: this.waiting.length,
      isOwed: now >= this.owedAt(first),
      comingSlots: this.starting * concurrency,
      readySlots: this.ready * concurrency,
      serviceTime: this.serviceTime.value,
      startTime: this.startTime,
      concurrency,
    });
    return Math.min(wanted, maxInstances - this.instances.size);
  }
}

/** Removes an element that is in the list; cheap for the short lists of one function's instances. */
export function removeFrom<T>(list: T[], element: T): void {
  const index = list.lastIndexOf(element);
  if (index >= 0) list.splice(index, 1);
}
