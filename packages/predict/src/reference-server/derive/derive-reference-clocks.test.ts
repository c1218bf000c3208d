import { FrugalError } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { parseReferenceClocks } from "../reference-clocks.ts";
import { deriveReferenceClocks } from "./derive-reference-clocks.ts";
import { parseFreqbenchTable } from "./freqbench-table.ts";
import { fitPowerShape } from "./power-shape.ts";
import { publishedPoints, sharesOf } from "./published-points.ts";
import { splitSocketPower } from "./socket-power.ts";

const server = { system: "Server", chips: 2, cores: 36, idleWatts: 46.9, fullWatts: 272 };
const header = "soc,first_cpu_of_cluster,freq_khz,coremark_iter_per_s,active_power_mw";

/** A cluster whose power is exactly of the form that is fitted, from `low` to `high` GHz. */
function cluster(name: string, watts: number, low = 1, high = 3): readonly string[] {
  return Array.from({ length: 11 }, (_, i) => {
    const clock = low + ((high - low) * i) / 10;
    const share = clock / 2.5;
    const power = watts * (0.2 + 0.8 * share * (0.4 + 0.6 * share) ** 2);
    return `${name},4,${Math.round(clock * 1e6)},1,${power * 1e3}`;
  });
}
const table = (...rows: readonly string[]): string => [header, ...rows, ""].join("\n");
const refusalOf = (text: string): string => {
  try {
    deriveReferenceClocks(text, "0", server);
  } catch (error) {
    if (error instanceof FrugalError) return error.message;
  }
  throw new Error("The table was accepted");
};

describe("deriveReferenceClocks", () => {
  it("finds the shape again that the measurements were made of, whatever their watts", () => {
    const text = table(...cluster("a", 3), ...cluster("b", 0.5));
    const { clusters } = parseFreqbenchTable(text);
    const shape = fitPowerShape(clusters, 1.2e9, 2.5e9);
    expect(shape.voltageFloor).toBe(0.4);
    expect(shape.constant).toBeCloseTo(0.2, 3);
    expect(shape.dynamic).toBeCloseTo(0.8, 3);
    expect(shape.error).toBeLessThan(1e-3);
  });

  it("uses only clusters that cover the clocks, and names them", () => {
    const text = table(...cluster("slow", 1, 0.3, 2), ...cluster("fast", 1), ...cluster("late", 1, 1.5, 3));
    expect(deriveReferenceClocks(text, "0", server).fit.clusters).toEqual(["fast/4"]);
    expect(refusalOf(table(...cluster("slow", 1, 0.3, 2)))).toContain("1.2 GHz or less to 2.5 GHz or more");
  });

  it("gives a document that can be read again, the same for the same text, with source, licence and command", () => {
    const text = table(...cluster("fast", 1));
    const derived = deriveReferenceClocks(text, "abc", server);
    expect(deriveReferenceClocks(text, "abc", server)).toEqual(derived);
    expect(parseReferenceClocks(JSON.stringify(derived))).toEqual(derived);
    expect(derived.source).toContain("another version");
    expect(derived.licence).toContain("MIT");
    expect(derived.command).toContain("frugal derive reference-clocks");
    expect(derived.assumptions.length).toBeGreaterThan(3);
  });

  it("refuses malformed rows and names them all (T1)", () => {
    const text = table("a,4,1000,1", "a,x,1000,1,5", ...cluster("fast", 1), "a,4,0,1,5", "a,4,1000,1,NaN");
    const refusal = refusalOf(text);
    for (const line of [2, 3, 15, 16]) expect(refusal).toContain(`line ${line}: `);
    expect(refusalOf("")).toContain("the header lacks soc");
    expect(refusalOf(table(...Array.from({ length: 12 }, () => "broken")))).toContain("and 2 more");
  });

  it("sets aside a cluster that draws nothing at some clock (T2)", () => {
    const text = table(...cluster("fast", 1), "odd,0,1000000,1,-0.7", "odd,0,3000000,1,90");
    const { leftOut, fit } = deriveReferenceClocks(text, "0", server);
    expect(leftOut.map(({ name }) => name)).toEqual(["odd/0"]);
    expect(fit.clusters).toEqual(["fast/4"]);
  });
});

describe("splitSocketPower", () => {
  it("meets idle, full load and the saving at once", () => {
    const lowestShare = 0.1;
    const split = splitSocketPower(server, 0.235, 2, lowestShare);
    expect(split.static + split.uncore * lowestShare).toBeCloseTo(46.9 / 2, 9);
    expect(split.static + split.uncore + 18 * split.core).toBeCloseTo(136, 9);
    const busy = split.static + split.uncore + 2 * split.core;
    expect((split.uncore * (1 - lowestShare)) / busy).toBeCloseTo(0.235, 9);
  });

  it("refuses a server whose watts leave nothing for its cores", () => {
    expect(() => splitSocketPower({ ...server, fullWatts: 47 }, 0.235, 2, 0.1)).toThrow("cannot be split");
  });
});

describe("the published points", () => {
  it("allow shares of time, none of them negative", () => {
    for (const each of publishedPoints.functions) {
      const { core, uncore, memory } = sharesOf(each);
      expect(Math.min(core, uncore, memory)).toBeGreaterThanOrEqual(0);
      expect(core + uncore + memory).toBeCloseTo(1, 12);
    }
  });
});
