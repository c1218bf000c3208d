import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkoutFolder } from "../checkout.ts";
import { derivations } from "./derivations.ts";

const sharedData = process.env["FRUGAL_SHARED_DATA"] ?? join(checkoutFolder, "../shared/data");
const measured = join(sharedData, "freqbench-arm-dvfs/freq_power.csv");

describe("derive reference-clocks", () => {
  it.skipIf(!existsSync(measured))("gives exactly the file that ships (needs shared data)", async () => {
    const derivation = derivations.find(({ name }) => name === "reference-clocks");
    const shipped = readFileSync(join(checkoutFolder, derivation?.output ?? ""), "utf8");
    expect(await derivation?.derive(readFileSync(measured, "utf8"))).toBe(shipped);
  });
});
