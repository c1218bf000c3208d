/**
 * Units made ahead, each waiting for its task with a restore worker: a start that takes one saves the time of making it.
 *
 * There is a reserve for each network policy that functions have lately asked for, as a unit's network is made with it;
 * policies with exceptions are too many for that. It is filled while nothing else starts.
 */
import type { NetworkPolicy } from "@frugal/core";
import type { IsolatedUnit } from "./isolated-unit.ts";

/** What of a unit concerns who keeps it. */
type ReservedUnit = Pick<IsolatedUnit, "made" | "exited" | "isAlive" | "kill">;

/** Network policies with a reserve of their own. */
type ReserveKey = NetworkPolicy["kind"];

export class Reserve<U extends ReservedUnit> {
  readonly #size: number;
  readonly #make: (network: NetworkPolicy) => U;
  readonly #waiting = new Map<ReserveKey, U[]>();
  #isClosed = false;

  /** Keeps `size` units of each kind; `make` makes one without a task. */
  constructor(size: number, make: (network: NetworkPolicy) => U) {
    this.#size = size;
    this.#make = make;
  }

  /** The unit that has waited longest, if there is one. */
  take(network: NetworkPolicy): U | undefined {
    const waiting = this.#of(network) ?? [];
    for (let unit = waiting.shift(); unit !== undefined; unit = waiting.shift()) {
      if (unit.isAlive) return unit;
    }
    return undefined;
  }

  /** Fills up what starts like this one take from. */
  fill(network: NetworkPolicy): void {
    const waiting = this.#of(network);
    if (waiting === undefined || this.#isClosed || waiting.length >= this.#size) return;
    const unit = this.#make(network);
    waiting.push(unit);
    void unit.exited.then(() => {
      if (waiting.includes(unit)) waiting.splice(waiting.indexOf(unit), 1);
    });
    // One after another; a host that cannot make one is not asked again until the next start.
    unit.made.then(
      () => this.fill(network),
      () => undefined,
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const units = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    for (const unit of units) unit.kill();
    await Promise.all(units.map(({ exited }) => exited));
  }

  #of(network: NetworkPolicy): U[] | undefined {
    if (this.#size === 0 || (network.kind === "egress" && network.allow.length > 0)) return undefined;
    let waiting = this.#waiting.get(network.kind);
    if (waiting === undefined) this.#waiting.set(network.kind, (waiting = []));
    return waiting;
  }
}
