/**
 * Conflict resolver: the clock of a shared domain when several running stages ask for different ones.
 *
 * Each running stage holds at most one request per domain. The resolver keeps the requests and says what changes; it sets no
 * clock itself. It counts requests by step, so that a request costs as much with a thousand stages as with one.
 * Source: kypous, section 5.3.
 *
 * Invariants (cited by the tests):
 *   R1  a domain's clock is the step of its highest running request, or its lowest step when nobody asks
 *   R2  a release restores the next highest request when the domain is settled; releasing twice changes nothing
 *   R3  a clock is told only where it is not the one that was told last
 */
import type { ClockDomain, Hertz } from "@frugal/core";

/** What holds a request: the number of an invocation. */
type Holder = number;

interface DomainRequests {
  readonly steps: readonly Hertz[];
  /** Requests by step. */
  readonly counts: Uint32Array;
  /** Places of steps. */
  readonly held: Map<Holder, number>;
  /** Place of the highest step that is asked for, 0 where none is. */
  highest: number;
  /** Undefined before the first: what the clock is then is not known. */
  told: number | undefined;
}

export class ConflictResolver {
  readonly #domains: ReadonlyMap<number, DomainRequests>;

  /** `domains` of one kind: cores, or uncores. */
  constructor(domains: readonly ClockDomain[]) {
    this.#domains = new Map(
      domains.map(({ id, steps }) => [
        id,
        { steps, counts: new Uint32Array(steps.length), held: new Map(), highest: 0, told: undefined },
      ]),
    );
  }

  /** `holder` wants at least `clock` of `domain` until it releases it; a second request replaces its first. The clock to set. */
  request(domain: number, holder: Holder, clock: Hertz): Hertz | undefined {
    const requests = this.#requestsOf(domain);
    const enough = requests.steps.findIndex((step) => step >= clock);
    const place = enough < 0 ? requests.steps.length - 1 : enough;
    remove(requests, holder);
    requests.held.set(holder, place);
    requests.counts[place] = (requests.counts[place] ?? 0) + 1;
    requests.highest = Math.max(requests.highest, place);
    return tell(requests);
  }

  /** `holder` no longer needs anything of `domain`. Whether that leaves a lower clock, for `settle` to tell. */
  release(domain: number, holder: Holder): boolean {
    const requests = this.#requestsOf(domain);
    return remove(requests, holder) && requests.told !== requests.highest;
  }

  /** The clock to set for the requests that are left. */
  settle(domain: number): Hertz | undefined {
    return tell(this.#requestsOf(domain));
  }

  clockOf(domain: number): Hertz | undefined {
    const { steps, highest } = this.#requestsOf(domain);
    return steps[highest];
  }

  #requestsOf(domain: number): DomainRequests {
    const requests = this.#domains.get(domain);
    if (requests === undefined) throw new RangeError(`No clock domain ${domain}`);
    return requests;
  }
}

function remove(requests: DomainRequests, holder: Holder): boolean {
  const place = requests.held.get(holder);
  if (place === undefined) return false;
  requests.held.delete(holder);
  requests.counts[place] = (requests.counts[place] ?? 0) - 1;
  while (requests.highest > 0 && requests.counts[requests.highest] === 0) requests.highest--;
  return true;
}

function tell(requests: DomainRequests): Hertz | undefined {
  if (requests.told === requests.highest) return undefined;
  requests.told = requests.highest;
  return requests.steps[requests.highest];
}
