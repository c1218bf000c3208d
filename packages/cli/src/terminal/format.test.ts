import { bytes, joules, mebibytes, seconds } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { counted, formatBytes, formatEnergy, formatJoules, formatSeconds } from "./format.ts";

describe("format", () => {
  it("shows times with three digits and a fitting unit", () => {
    expect([0, 12e-6, 0.0123456, 0.5, 3, 119, 600, 7200].map((time) => formatSeconds(seconds(time)))).toEqual(
      ["0 ms", "12 µs", "12.3 ms", "500 ms", "3 s", "119 s", "10 min", "2 h"],
    );
  });

  it("shows energies with three digits and a fitting unit", () => {
    expect([0, 5e-6, 0.0421, 1.5, 12_345, 3.2e7].map((energy) => formatJoules(joules(energy)))).toEqual([
      "0 J",
      "5 µJ",
      "42.1 mJ",
      "1.5 J",
      "12.3 kJ",
      "32 MJ",
    ]);
  });

  it("never shows an energy without its pedigree, nor a missing one as zero", () => {
    const amount = {
      kind: "energy",
      joules: joules(1),
      source: "model",
      quality: "estimated",
      interval: seconds(1),
      detail: "",
    } as const;
    expect(formatEnergy(amount)).toBe("1 J estimated");
    expect(formatEnergy({ kind: "unavailable", reason: "no meter" })).toBe("energy unavailable: no meter");
  });

  it("shows sizes and counts", () => {
    expect([bytes(12), bytes(2048), mebibytes(256), mebibytes(10_240)].map(formatBytes)).toEqual([
      "12 B",
      "2 KiB",
      "256 MiB",
      "10240 MiB",
    ]);
    expect([counted(1, "file"), counted(2, "file")]).toEqual(["1 file", "2 files"]);
  });
});
