/** I3: every clock that the platform changed is put back, on exit and after a crash. */
import { appendFileSync, existsSync, readFileSync, statSync, truncateSync } from "node:fs";
import type { ClockPort } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ClockHostName, clockHosts } from "../../test/clock-hosts.ts";
import { ClockTestbed } from "../../test/clock-rigs.ts";
import { ProcessDeath } from "../../test/kernel-tree.ts";

type Step =
  | { readonly kind: "set"; readonly domain: number; readonly step: number; readonly uncore: boolean }
  | { readonly kind: "refuse"; readonly every: number }
  | { readonly kind: "die"; readonly after: number; readonly isWritten: boolean; readonly torn: number }
  | { readonly kind: "abandon" | "restore" | "exit" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("set" as const),
      domain: fc.nat(),
      step: fc.nat(),
      uncore: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("refuse" as const), every: fc.nat({ max: 4 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("die" as const),
      after: fc.nat({ max: 6 }),
      isWritten: fc.boolean(),
      torn: fc.nat({ max: 400 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("abandon" as const, "restore" as const, "exit" as const) }),
  },
);

/** A platform that is started, sets clocks, and ends well or badly, again and again on one host. */
class Story {
  readonly #bed: ClockTestbed;
  #port: ClockPort | undefined;
  /** Writes until the process dies; undefined: it lives. */
  #life: number | undefined;
  #death: Extract<Step, { kind: "die" }> | undefined;
  #every = 0;
  #count = 0;

  constructor(bed: ClockTestbed) {
    this.#bed = bed;
    bed.kernel.fate = () => {
      this.#count++;
      if (this.#life !== undefined && this.#life-- === 0)
        return this.#death?.isWritten === true ? "after" : "before";
      return this.#every > 0 && this.#count % this.#every === 0 ? "refused" : "taken";
    };
  }

  take(next: Step): void {
    if (next.kind === "refuse") this.#every = next.every;
    else if (next.kind === "die") {
      this.#life = next.after;
      this.#death = next;
    } else if (next.kind === "abandon") this.#port = undefined;
    else this.#live(next);
  }

  /** The last start, on a host that refuses nothing. */
  end(): void {
    this.#life = undefined;
    this.#every = 0;
    this.#port = this.#bed.open();
    expect(this.#port.restore()).toEqual([]);
  }

  #live(next: Step): void {
    const before = sizeOf(this.#bed.journal);
    const { writes } = this.#bed.kernel;
    try {
      this.#port ??= this.#bed.open();
      if (next.kind === "set") setClock(this.#port, next);
      else if (next.kind === "restore") this.#port.restore();
      else {
        this.#port.close();
        this.#port = undefined;
      }
    } catch (error) {
      if (!(error instanceof ProcessDeath)) throw error;
      this.#port = undefined;
      this.#life = undefined;
      // Died before its first write of this change: the note of it may have reached the disk in part only.
      if (this.#bed.kernel.writes === writes) tear(this.#bed.journal, before, this.#death?.torn ?? 0);
    }
  }
}

function setClock(port: ClockPort, wish: Extract<Step, { kind: "set" }>): void {
  const domains = wish.uncore ? port.clocks.uncore : port.clocks.core;
  const domain = domains[wish.domain % Math.max(1, domains.length)];
  const clock = domain?.steps[wish.step % domain.steps.length];
  if (domain === undefined || clock === undefined) return;
  const outcome = wish.uncore ? port.setUncore(domain.id, clock) : port.setCore(domain.id, clock);
  expect(["set", "failed"]).toContain(outcome.kind);
}

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

function tear(path: string, before: number, torn: number): void {
  const size = sizeOf(path);
  if (size > before) truncateSync(path, Math.max(before, size - torn));
}

describe.each(Object.keys(clockHosts) as ClockHostName[])("clocks of %s", (name) => {
  it("are as they were after the next start, however the platform ended (I3, J1 to J4)", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const bed = new ClockTestbed(name);
        try {
          const before = bed.kernel.state();
          const story = new Story(bed);
          for (const next of steps) story.take(next);
          story.end();
          expect(bed.kernel.state()).toBe(before);
          if (existsSync(bed.journal)) expect(readFileSync(bed.journal, "utf8")).toBe("");
        } finally {
          bed.dispose();
        }
      }),
      { numRuns: 10 },
    );
  });
});

describe("a journal with half a line at its end", () => {
  it("is played back without it", () => {
    const bed = new ClockTestbed("intel_pstate, active");
    try {
      const before = bed.kernel.state();
      const port = bed.open();
      const clock = port.clocks.core[0]?.steps[0];
      if (clock === undefined) throw new Error("No step");
      port.setCore(0, clock);
      appendFileSync(bed.journal, '\n{"boot":"x","point":{"ki');
      bed.open();
      expect(bed.kernel.state()).toBe(before);
      expect(bed.problems).toEqual([]);
      expect(readFileSync(bed.journal, "utf8")).toBe("");
    } finally {
      bed.dispose();
    }
  });
});
