/**
 * The contract of every `ClockPort`, for the tests of its implementations.
 */
import {
  type ClockDomain,
  type ClockOutcome,
  type ClockPort,
  type ClockReading,
  type Hertz,
  hertz,
} from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

/** A machine with its clocks open. Whoever opens it disposes of it. */
export interface ClockRig {
  readonly port: ClockPort;
  /** Everything of the machine that setting clocks can change, as text. */
  readonly state: () => string;
}

export interface ClockPortFacts {
  readonly core: boolean;
  readonly uncore: boolean;
}

/** One kind of clock of a port. */
interface ClockKind {
  readonly domains: readonly ClockDomain[];
  readonly set: (domain: number, clock: Hertz) => ClockOutcome;
  readonly read: (domain: number) => ClockReading;
}

const kindsOf = (port: ClockPort): readonly ClockKind[] => [
  {
    domains: port.clocks.core,
    set: (domain, clock) => port.setCore(domain, clock),
    read: (domain) => port.readCore(domain),
  },
  {
    domains: port.clocks.uncore,
    set: (domain, clock) => port.setUncore(domain, clock),
    read: (domain) => port.readUncore(domain),
  },
];

/** `facts`: which clocks the machine lets be set. */
export function clockPortContract(name: string, facts: ClockPortFacts, open: () => ClockRig): void {
  describe(`${name} as a clock port`, () => {
    it("has domains where it has clocks, and a reason where it has none", () => {
      const { port } = open();
      for (const kind of ["core", "uncore"] as const) {
        expect(port.clocks[kind].length > 0).toBe(facts[kind]);
        expect(port[kind].kind).toBe(facts[kind] ? "available" : "unavailable");
        if (port[kind].kind === "unavailable") expect(port[kind].reason).toMatch(/\S/);
        expectWellFormed(port.clocks[kind]);
      }
    });

    it("shows the clock that was set, and leaves the others alone", () => {
      for (const { domains, set, read } of kindsOf(open().port)) {
        for (const [index, domain] of domains.entries())
          expect(set(domain.id, pick(domain, index))).toEqual(done);
        for (const [index, domain] of domains.entries())
          expect(read(domain.id)).toEqual({ kind: "clock", hertz: pick(domain, index) });
      }
    });

    it("refuses domains and clocks that it has not", () => {
      for (const { domains, set, read } of kindsOf(open().port)) {
        const [first] = domains;
        const beyond = 1e6;
        expect(() => read(beyond)).toThrow(RangeError);
        if (first === undefined) continue;
        expect(() => set(beyond, pick(first, 0))).toThrow(RangeError);
        expect(() => set(first.id, between(first))).toThrow(RangeError);
      }
    });

    it("puts every clock back, whatever was set, and can be used on", () => {
      const { port, state } = open();
      const before = state();
      const kinds = kindsOf(port);
      const wish = fc.record({ kind: fc.nat(), domain: fc.nat(), step: fc.nat(), restores: fc.boolean() });
      fc.assert(
        fc.property(fc.array(wish, { maxLength: 12 }), (wishes) => {
          for (const { kind, domain, step, restores } of wishes) {
            const { domains, set, read } = kinds[kind % kinds.length] ?? never();
            const chosen = domains[domain % Math.max(1, domains.length)];
            if (chosen === undefined) continue;
            expect(set(chosen.id, pick(chosen, step))).toEqual(done);
            expect(read(chosen.id)).toEqual({ kind: "clock", hertz: pick(chosen, step) });
            if (restores) expect(port.restore()).toEqual([]);
          }
          expect(port.restore()).toEqual([]);
          expect(state()).toBe(before);
          expect(port.restore()).toEqual([]);
          expect(state()).toBe(before);
        }),
        { numRuns: 10 },
      );
    });

    it("puts the clocks back when it is closed, and sets none afterwards", () => {
      const { port, state } = open();
      const before = state();
      const setAll = (): readonly ClockOutcome[] =>
        kindsOf(port).flatMap(({ domains, set }) => domains.map((domain) => set(domain.id, pick(domain, 0))));
      setAll();
      port.close();
      expect(state()).toBe(before);
      for (const outcome of setAll()) expect(outcome.kind).toBe("failed");
      port.close();
      expect(state()).toBe(before);
    });
  });
}

const done: ClockOutcome = { kind: "set" };

function expectWellFormed(domains: readonly ClockDomain[]): void {
  const cpus = domains.flatMap((domain) => domain.cpus);
  expect(new Set(cpus).size).toBe(cpus.length);
  expect(new Set(domains.map(({ id }) => id)).size).toBe(domains.length);
  for (const domain of domains) {
    expect(domain.cpus.length).toBeGreaterThan(0);
    expect(domain.cpus).toEqual(ascending(domain.cpus));
    expect(domain.steps.length).toBeGreaterThan(0);
    expect(domain.steps).toEqual(ascending([...new Set(domain.steps)]));
  }
}

const ascending = <T extends number>(numbers: readonly T[]): readonly T[] =>
  [...numbers].sort((a, b) => a - b);

/** A step of `domain`, another one for the next `index`. */
const pick = ({ steps }: ClockDomain, index: number): Hertz => steps[index % steps.length] ?? never();

/** A clock that is no step. */
const between = ({ steps: [first = never()] }: ClockDomain): Hertz => hertz(first + 0.5);

function never(): never {
  throw new Error("There is no such thing");
}
