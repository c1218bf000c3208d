import { type ClockDomain, gigahertz } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConflictResolver } from "./conflict-resolver.ts";

const steps = [1.2, 1.5, 2, 2.9].map(gigahertz);
const domains: readonly ClockDomain[] = [0, 7].map((id) => ({ id, cpus: [id], socket: 0, steps }));

const anyStep = fc.record({
  domain: fc.constantFrom(0, 7),
  holder: fc.integer({ min: 1, max: 5 }),
  clock: fc.option(fc.double({ min: 0.5, max: 4, noNaN: true }), { nil: undefined }), // undefined releases
});

describe("ConflictResolver", () => {
  it("runs a domain at the highest running request, whatever the order (R1, R2, R3)", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (events) => {
        const resolver = new ConflictResolver(domains);
        const running = new Map(domains.map(({ id }) => [id, new Map<number, number>()]));
        const told = new Map<number, number>();
        for (const { domain, holder, clock } of events) {
          const requests = running.get(domain) ?? new Map<number, number>();
          const isLower = clock === undefined && resolver.release(domain, holder);
          const change =
            clock === undefined
              ? resolver.settle(domain)
              : resolver.request(domain, holder, gigahertz(clock));
          if (clock === undefined) requests.delete(holder);
          else requests.set(holder, clock);
          expect(isLower && change === undefined).toBe(false);

          const most = Math.max(0, ...requests.values());
          const wanted = steps.find((step) => step >= most * 1e9) ?? steps.at(-1);
          expect(resolver.clockOf(domain)).toBe(wanted);
          expect(change).toBe(told.get(domain) === wanted ? undefined : wanted);
          if (change !== undefined) told.set(domain, change);
        }
      }),
    );
  });

  it("leaves the clock after a release until the domain is settled, unless somebody asks before (R2)", () => {
    const resolver = new ConflictResolver(domains);
    resolver.request(0, 1, gigahertz(2.9));
    expect(resolver.release(0, 1)).toBe(true);
    expect(resolver.request(0, 2, gigahertz(1.5))).toBe(gigahertz(1.5));
    expect(resolver.settle(0)).toBeUndefined();
    resolver.release(0, 2);
    expect(resolver.release(0, 2)).toBe(false);
    expect(resolver.settle(0)).toBe(gigahertz(1.2));
  });

  it("refuses domains that do not exist", () => {
    expect(() => new ConflictResolver(domains).request(1, 1, gigahertz(2))).toThrow(RangeError);
  });
});
