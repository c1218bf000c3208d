import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NetworkPolicy } from "@frugal/core";
import { deferred } from "../deferred.ts";
import type { UnitExit } from "../unit.ts";
import { Reserve } from "./reserve.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class WaitingUnit {
  readonly network: NetworkPolicy;
  readonly #made = deferred<undefined>();
  readonly #exited = deferred<UnitExit>();
  readonly made = this.#made.promise;
  readonly exited = this.#exited.promise;
  isAlive = true;
  isKilled = false;

  constructor(network: NetworkPolicy) {
    this.network = network;
  }

  make(): void {
    this.#made.resolve(undefined);
  }

  end(): void {
    this.isAlive = false;
    this.#made.reject(new Error("it ended"));
    this.#exited.resolve({ kind: "signalled", signal: "SIGKILL" });
  }

  kill(): void {
    this.isKilled = true;
    this.end();
  }
}

const none: NetworkPolicy = { kind: "none" };
const egress: NetworkPolicy = { kind: "egress", allow: [] };
const special: NetworkPolicy = { kind: "egress", allow: ["10.0.0.0/8"] };

function scene(size: number) {
  const made: WaitingUnit[] = [];
  const reserve = new Reserve(size, (network) => {
    const unit = new WaitingUnit(network);
    made.push(unit);
    return unit;
  });
  return { made, reserve };
}

describe("Reserve", () => {
  it("is filled one unit after the other, and gives them in that order", async () => {
    const { made, reserve } = scene(2);
    expect(reserve.take(none)).toBeUndefined();
    reserve.fill(none);
    expect(made).toHaveLength(1);
    for (let i = 0; i < 3; i++) {
      made.at(-1)?.make();
      await turn();
    }
    expect(made).toHaveLength(2);
    expect([reserve.take(none), reserve.take(none), reserve.take(none)]).toEqual([
      made[0],
      made[1],
      undefined,
    ]);
  });

  it("keeps units for each network apart, and none for networks with exceptions, or of size 0", () => {
    const { made, reserve } = scene(1);
    for (const network of [none, egress, special]) reserve.fill(network);
    expect(made.map(({ network }) => network)).toEqual([none, egress]);
    expect([reserve.take(special), reserve.take(egress)]).toEqual([undefined, made[1]]);
    const empty = scene(0);
    empty.reserve.fill(none);
    expect(empty.made).toEqual([]);
  });

  it("does not ask a host that cannot make one again until the next start", async () => {
    const { made, reserve } = scene(2);
    reserve.fill(none);
    made[0]?.end();
    await turn();
    expect(made).toHaveLength(1);
    expect(reserve.take(none)).toBeUndefined();
    reserve.fill(none);
    expect(made).toHaveLength(2);
  });

  it("replaces units that died while they waited", async () => {
    const { made, reserve } = scene(1);
    reserve.fill(none);
    made[0]?.make();
    await turn();
    made[0]?.end();
    await turn();
    reserve.fill(none);
    expect(made).toHaveLength(2);
    expect(reserve.take(none)).toBe(made[1]);
  });

  it("ends what waits when it is closed, makes no more, and leaves alone what was taken", async () => {
    const { made, reserve } = scene(2);
    reserve.fill(none);
    made[0]?.make();
    await turn();
    const taken = reserve.take(none);
    await reserve.close();
    expect(taken?.isKilled).toBe(false);
    expect(made.filter((unit) => unit !== taken).every(({ isKilled }) => isKilled)).toBe(true);
    reserve.fill(none);
    await turn();
    expect([made.length, reserve.take(none)]).toEqual([2, undefined]);
  });

  it("never gives a dead unit or one twice, and never keeps more than its size", async () => {
    const action = fc.constantFrom("fill", "take", "make", "die", "turn");
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const { made, reserve } = scene(2);
        const taken = new Set<WaitingUnit>();
        for (const step of actions) {
          if (step === "fill") reserve.fill(none);
          else if (step === "make") made.at(-1)?.make();
          else if (step === "die") made.at(-2)?.end();
          else if (step === "turn") await turn();
          else {
            const unit = reserve.take(none);
            expect(unit === undefined || (unit.isAlive && !taken.has(unit))).toBe(true);
            if (unit !== undefined) taken.add(unit);
          }
          await turn();
          expect(made.filter((unit) => unit.isAlive && !taken.has(unit)).length).toBeLessThanOrEqual(2);
        }
      }),
    );
  });
});
