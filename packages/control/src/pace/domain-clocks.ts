/**
 * The clock domains of one kind of one machine, asked for by processors: an instance's processors say which domains it shares.
 */
import type { ClockDomain, Hertz } from "@frugal/core";
import { ConflictResolver } from "./resolver/conflict-resolver.ts";

type SetClock = (domain: number, clock: Hertz) => void;

export class DomainClocks {
  readonly #all: readonly number[];
  readonly #domains: readonly ClockDomain[];
  readonly #resolver: ConflictResolver;
  readonly #set: SetClock;
  /** By the list of processors: an instance keeps its own for as long as it lives. */
  readonly #found = new WeakMap<readonly number[], readonly number[]>();

  constructor(domains: readonly ClockDomain[], set: SetClock) {
    this.#domains = domains;
    this.#all = domains.map(({ id }) => id);
    this.#resolver = new ConflictResolver(domains);
    this.#set = set;
  }

  /** `holder` wants `clock` of every domain that `cpus` belong to; undefined: of all. */
  request(holder: number, cpus: readonly number[] | undefined, clock: Hertz): void {
    for (const id of this.#of(cpus)) this.#tell(id, this.#resolver.request(id, holder, clock));
  }

  /** Whether a domain has a lower clock to go to: `settle` sets it. */
  release(holder: number, cpus: readonly number[] | undefined): boolean {
    let isLower = false;
    for (const id of this.#of(cpus)) isLower = this.#resolver.release(id, holder) || isLower;
    return isLower;
  }

  /** Sets every domain to what is asked of it: to its lowest, where nobody asks. */
  settle(): void {
    for (const id of this.#all) this.#tell(id, this.#resolver.settle(id));
  }

  /** At which `cpus` run: the highest of their domains. Undefined where there is none. */
  inForce(cpus: readonly number[] | undefined): Hertz | undefined {
    let highest: Hertz | undefined;
    for (const id of this.#of(cpus)) {
      const clock = this.#resolver.clockOf(id);
      if (clock !== undefined && (highest === undefined || clock > highest)) highest = clock;
    }
    return highest;
  }

  #tell(id: number, clock: Hertz | undefined): void {
    if (clock !== undefined) this.#set(id, clock);
  }

  #of(cpus: readonly number[] | undefined): readonly number[] {
    if (cpus === undefined) return this.#all;
    const known = this.#found.get(cpus);
    if (known !== undefined) return known;
    const ids = this.#domains
      .filter((domain) => cpus.some((cpu) => domain.cpus.includes(cpu)))
      .map(({ id }) => id);
    this.#found.set(cpus, ids);
    return ids;
  }
}
