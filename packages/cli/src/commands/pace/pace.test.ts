import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type } from "../../../test/command-line.ts";
import { type FakeDaemon, fakeDaemon } from "../../../test/fake-daemon.ts";

let folder: string;
let daemon: FakeDaemon;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "pace-"));
  daemon = await fakeDaemon();
});
afterEach(async () => {
  await daemon.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...argv: readonly string[]) =>
  type(argv, { workingDirectory: folder, environment: { FRUGAL_ENDPOINT: daemon.url } });

const explain = async (name: string): Promise<string> => {
  const document = `document: { dsl: 1.0.0, namespace: default, name: ${name}, version: 1.0.0 }\ndo: []\n`;
  writeFileSync(join(folder, "order.yaml"), document);
  await run("workflow", "deploy", "order.yaml");
  const { exitCode, out } = await run("pace", "explain", name);
  expect(exitCode).toBe(0);
  return out;
};

describe("frugal pace explain", () => {
  it("shows the deadline, the paths, and what both methods give each stage", async () => {
    expect(await explain("order")).toBe(
      [
        "workflow      default/order",
        "deadline      2 s for 95 % of the runs, which leaves 1.9 s for the sum of budgets",
        "smallest      800 ms could be kept",
        "clocks        core 1.20 GHz to 2.20 GHz, uncore cannot be set",
        "fit           4.5 J estimated; 100 ms left over",
        "least energy  3.75 J estimated, the least there is; nothing left over",
        "",
        "PATH             SHORTEST    FIT  LEAST ENERGY",
        "resize > pack *    800 ms  1.8 s         1.6 s",
        "resize > note      600 ms  1.2 s         1.1 s",
        "* is the critical path",
        "",
        "STAGE   FUNCTION   REPEATS        REACHABLE     FIT  EXPECTED  CLOCKS         ENERGY  LEAST ENERGY  EXPECTED  CLOCKS         ENERGY",
        "resize  thumbnail        1  400 ms to 1.1 s  900 ms    810 ms  1.80/1.20 GHz   1.5 J        800 ms    720 ms  1.80/1.20 GHz  1.25 J",
        "pack    thumbnail        1  400 ms to 1.1 s  900 ms    810 ms  1.80/1.20 GHz   1.5 J        800 ms    720 ms  1.80/1.20 GHz  1.25 J",
        "note    thumbnail        1  400 ms to 1.1 s  900 ms    810 ms  1.80/1.20 GHz   1.5 J        800 ms    720 ms  1.80/1.20 GHz  1.25 J",
        "FIT, LEAST ENERGY: the budget of a stage. EXPECTED: what it takes at the clocks beside it",
        "",
      ].join("\n"),
    );
    expect(JSON.parse((await run("pace", "explain", "order", "--json")).out)).toMatchObject({
      workflow: "default/order",
      known: true,
      methods: { leastEnergy: { joules: 3.75 } },
    });
  });

  it("says which functions nothing is known of", async () => {
    const out = await explain("new");
    expect(out).toContain("smallest      not known yet\n");
    expect(out).toContain("Nothing is known yet of thumbnail: run the workflow, and ask again.\n");
    expect(out).not.toContain("PATH");
  });

  it("says so where a workflow has no deadline", async () => {
    expect(await explain("calm")).toMatch(/^default\/calm has no deadline, .*\nGive it one: .*\n$/);
  });

  it("says which deadline could be kept where this one cannot", async () => {
    expect(await explain("late")).toContain("cannot be kept: the smallest deadline is 2.4 s\n");
  });
});

describe("frugal pace tune", () => {
  it("ranks every set by lateness and energy, the same each time, and shows the shipped one", async () => {
    const argv = ["pace", "tune", "--runs", "20"];
    const { exitCode, out, err } = await run(...argv);
    expect([exitCode, err]).toEqual([0, ""]);
    expect(out).toContain(
      "225 sets over default/chain, default/fan-out, default/conditional, default/mixed\n",
    );
    expect(out).toMatch(/^ +4 +1 +0\.75 +1 .* \+0\.00 % +shipped$/m);
    expect((await run(...argv)).out).toBe(out);
    interface Set {
      readonly late: number;
      readonly energyChange: number;
      readonly workflows: readonly unknown[];
    }
    const { sets } = JSON.parse((await run(...argv, "--json")).out) as { sets: readonly Set[] };
    expect(sets).toHaveLength(225);
    expect(sets[0]?.workflows).toHaveLength(4);
    const inTime = sets.filter(({ late }) => late <= 0.05);
    expect(sets.slice(0, inTime.length)).toEqual(inTime);
    expect(inTime.map(({ energyChange }) => energyChange)).toEqual(
      inTime.map(({ energyChange }) => energyChange).toSorted((a, b) => a - b),
    );
  });
});
