/**
 * Who is served next when functions compete: start-time fair queueing over core-seconds (Goyal et al., SIGCOMM 1996).
 *
 * Every function has a virtual time that grows with the core-seconds it was given; the one with the least is next. A
 * function that comes back after a rest starts at the virtual time of the service going on, so rest earns no credit and
 * a flood of one function delays the others by no more than what is already running.
 *
 * Invariants (cited by the tests):
 *   F1  contenders come in order of virtual time, ties in order of their functions' deployment
 *   F2  the virtual time of the service never runs backwards
 */
export interface Contender {
  virtualTime: number;
  /** Position in the order of deployment: breaks ties the same way every time. */
  readonly rank: number;
  isContending: boolean;
}

const precedes = (a: Contender, b: Contender): boolean =>
  a.virtualTime < b.virtualTime || (a.virtualTime === b.virtualTime && a.rank < b.rank);

export class FairOrder<C extends Contender> {
  readonly #order: C[] = [];
  #serviceTime = 0;

  get length(): number {
    return this.#order.length;
  }

  at(position: number): C | undefined {
    return this.#order[position];
  }

  add(contender: C): void {
    if (contender.isContending) return;
    contender.isContending = true;
    contender.virtualTime = Math.max(contender.virtualTime, this.#serviceTime);
    this.#order.splice(this.#positionOf(contender), 0, contender);
  }

  remove(contender: C): void {
    if (!contender.isContending) return;
    contender.isContending = false;
    this.#order.splice(this.#positionOf(contender), 1);
  }

  /** Adds (or, with a negative number, gives back) core-seconds. */
  charge(contender: C, coreSeconds: number): void {
    this.#serviceTime = Math.max(this.#serviceTime, contender.virtualTime);
    if (!contender.isContending) {
      contender.virtualTime += coreSeconds;
      return;
    }
    this.#order.splice(this.#positionOf(contender), 1);
    contender.virtualTime += coreSeconds;
    this.#order.splice(this.#positionOf(contender), 0, contender);
  }

  /** First position whose contender does not precede `contender`: its own, when it is in the order. */
  #positionOf(contender: C): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#order[middle];
      if (other !== undefined && precedes(other, contender)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
