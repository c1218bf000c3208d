/**
 * Binds instances to processors, so that a core's clock is the clock of what runs on it. The cores with the fewest instances are
 * taken, and of their hardware threads those with the fewest; those of one socket before those of several.
 */
import type { ClockDomain } from "@frugal/core";

/** How many instances are bound to something. */
interface Load {
  bound: number;
}

interface Processor extends Load {
  readonly cpu: number;
  readonly socket: number;
  /** Shared by the hardware threads that have one clock. */
  readonly core: Load;
}

export class Pinning {
  /** In the order of their sockets and numbers. */
  readonly #processors: readonly Processor[];

  constructor(domains: readonly ClockDomain[]) {
    const processors = domains.flatMap(({ cpus, socket }) => {
      const core: Load = { bound: 0 };
      return cpus.map((cpu): Processor => ({ cpu, socket, core, bound: 0 }));
    });
    this.#processors = processors.sort((a, b) => a.socket - b.socket || a.cpu - b.cpu);
  }

  /** Takes `count` processors, at most all there are. */
  take(count: number): readonly number[] {
    const wanted = Math.min(this.#processors.length, Math.max(1, Math.ceil(count)));
    const socket = leastBound(this.#processors)?.socket;
    const near = this.#processors.filter((processor) => processor.socket === socket);
    const left = new Set(near.length >= wanted ? near : this.#processors);
    const taken: number[] = [];
    for (let next = leastBound(left); next !== undefined && taken.length < wanted; next = leastBound(left)) {
      left.delete(next);
      next.bound++;
      next.core.bound++;
      taken.push(next.cpu);
    }
    return taken.sort((a, b) => a - b);
  }

  giveBack(cpus: readonly number[]): void {
    for (const processor of this.#processors) {
      if (!cpus.includes(processor.cpu)) continue;
      processor.bound--;
      processor.core.bound--;
    }
  }
}

/** Of equal ones the first. */
function leastBound(processors: Iterable<Processor>): Processor | undefined {
  let least: Processor | undefined;
  for (const processor of processors) {
    const more = least === undefined ? -1 : processor.core.bound - least.core.bound;
    if (least === undefined || more < 0 || (more === 0 && processor.bound < least.bound)) least = processor;
  }
  return least;
}
