import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrugalError } from "@frugal/core";
import { cpuList, cpusOf } from "./cgroups.ts";

describe("cpusOf()", () => {
  it("reads ranges as the kernel writes them", () => {
    expect(cpusOf("0,2-4,7\n")).toEqual([0, 2, 3, 4, 7]);
    expect(cpusOf("\n")).toEqual([]);
  });

  it("reads back every list that is written", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(1023), { minLength: 1 }), (cpus) => {
        expect(cpusOf(cpuList(cpus))).toEqual(cpus);
      }),
    );
  });
});

describe("cpuList()", () => {
  it("refuses what is no processor, and no processors", () => {
    for (const cpus of [[], [-1], [0.5], [NaN]]) expect(() => cpuList(cpus)).toThrow(FrugalError);
  });
});
