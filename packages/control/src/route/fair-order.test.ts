import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Contender, FairOrder } from "./fair-order.ts";

const contenders = (count: number): Contender[] =>
  Array.from({ length: count }, (_, rank) => ({ rank, virtualTime: 0, isContending: false }));

describe("FairOrder", () => {
  it("keeps contenders in order of virtual time, whatever happens (F1)", () => {
    const step = fc.record({
      who: fc.nat({ max: 5 }),
      what: fc.constantFrom("add", "remove", "charge"),
      amount: fc.integer({ min: -3, max: 10 }),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const all = contenders(6);
        const order = new FairOrder<Contender>();
        for (const { who, what, amount } of steps) {
          const contender = all[who];
          if (contender === undefined) continue;
          if (what === "add") order.add(contender);
          else if (what === "remove") order.remove(contender);
          else order.charge(contender, amount);
          const listed = Array.from({ length: order.length }, (_, index) => order.at(index));
          const expected = all
            .filter(({ isContending }) => isContending)
            .sort((a, b) => a.virtualTime - b.virtualTime || a.rank - b.rank);
          expect(listed).toEqual(expected);
        }
      }),
    );
  });

  it("gives each of two backlogged contenders its share, whatever their costs (F2)", () => {
    const [cheap, dear] = contenders(2);
    if (cheap === undefined || dear === undefined) throw new Error("two contenders were made");
    const order = new FairOrder<Contender>();
    order.add(cheap);
    order.add(dear);
    const given = new Map([
      [cheap, 0],
      [dear, 0],
    ]);
    for (let i = 0; i < 1000; i++) {
      const next = order.at(0);
      if (next === undefined) break;
      const cost = next === cheap ? 1 : 7;
      given.set(next, (given.get(next) ?? 0) + cost);
      order.charge(next, cost);
    }
    expect(Math.abs((given.get(cheap) ?? 0) - (given.get(dear) ?? 0))).toBeLessThanOrEqual(7);
  });

  it("lets one that comes back start at the service's time: rest earns no credit (F2)", () => {
    const [busy, late] = contenders(2);
    if (busy === undefined || late === undefined) throw new Error("two contenders were made");
    const order = new FairOrder<Contender>();
    order.add(busy);
    for (let i = 0; i < 100; i++) order.charge(busy, 1);
    order.add(late);
    expect(late.virtualTime).toBe(99);
  });
});
