import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mebibytes } from "@frugal/core";
import { cpuFeaturesOf, hostBootTime, hostCpuFeatures, hostKernel } from "./host-state.ts";
import { differences, type SnapshotDependencies, snapshotIdOf, snapshotKeyOf } from "./snapshot-key.ts";

const base: SnapshotDependencies = {
  instructionSet: "x86_64",
  cpuFeatures: ["avx2", "avx512f", "sse4_2"],
  kernel: "6.1.0-21-amd64",
  criu: "4.1.1",
  runtime: {
    name: "nodejs",
    version: "24.1.0",
    path: "/usr/bin/node",
    size: mebibytes(99),
    modified: "2026-01-01T00:00:00Z",
  },
  shimSha256: "aa",
  unitLayout: 1,
  memory: mebibytes(256),
  concurrency: 1,
  environment: { TOKEN: "hush-hush", STAGE: "prod" },
  code: { sha256: "bb", handler: "index.handler" },
};
const key = snapshotKeyOf(base);

/** Each changes one dimension. */
const changes: readonly (readonly [Partial<SnapshotDependencies>, string])[] = [
  [{ instructionSet: "arm64" }, "instruction set arm64 instead of x86_64"],
  [{ kernel: "6.18.44" }, "kernel 6.18.44 instead of 6.1.0-21-amd64"],
  [{ criu: "4.2" }, "criu 4.2 instead of 4.1.1"],
  [{ runtime: { ...base.runtime, version: "24.2.0" } }, "runtime nodejs 24.2.0 instead of nodejs 24.1.0"],
  [{ runtime: { ...base.runtime, modified: "later" } }, "another file of the runtime"],
  [{ shimSha256: "ab" }, "another version of Frugal's runtime shim"],
  [{ unitLayout: 2 }, "layout of units, version 2 instead of 1"],
  [{ memory: mebibytes(1) }, "memory 1 MiB instead of 256 MiB"],
  [{ concurrency: 2 }, "concurrency 2 instead of 1"],
  [{ environment: { TOKEN: "other", STAGE: "prod" } }, "other environment variables"],
  [{ code: { sha256: "cc", handler: "index.handler" } }, "other code"],
  [{ code: { sha256: "bb", handler: "main.handler" } }, "handler main.handler instead of index.handler"],
];

describe("snapshot keys", () => {
  it.each(changes)("have another id and say why when one thing differs: %j (K1, K2)", (change, words) => {
    const now = snapshotKeyOf({ ...base, ...change });
    expect(snapshotIdOf(now)).not.toBe(snapshotIdOf(key));
    expect(differences(now, key)).toEqual([words]);
  });

  it("do not depend on the order of anything, and hide values (K1, K3)", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(Object.entries(key), { minLength: Object.keys(key).length }),
        (entries) => {
          expect(snapshotIdOf(Object.fromEntries(entries))).toBe(snapshotIdOf(key));
        },
      ),
    );
    const environment = { STAGE: "prod", TOKEN: "hush-hush" };
    expect(snapshotKeyOf({ ...base, environment })).toEqual(key);
    expect(JSON.stringify(key)).not.toContain("hush-hush");
    expect(snapshotIdOf(key)).toMatch(/^[0-9a-f]{32}$/);
  });

  it("serve hosts with at least the processor's features (K1, K2)", () => {
    const feature = fc.constantFrom("avx", "avx2", "sse4_2", "amx_tile");
    fc.assert(
      fc.property(fc.uniqueArray(feature), fc.uniqueArray(feature), (here, there) => {
        const now = snapshotKeyOf({ ...base, cpuFeatures: here.sort() });
        const made = snapshotKeyOf({ ...base, cpuFeatures: there.sort() });
        const missing = there.filter((one) => !here.includes(one));
        const words = missing.length === 0 ? [] : [`the CPU lacks ${missing.join(", ")}`];
        expect(differences(now, made)).toEqual(words);
        expect(snapshotIdOf(now)).toBe(snapshotIdOf(made));
      }),
    );
  });

  it("need no function", () => {
    const runtime = snapshotKeyOf({ ...base, code: undefined });
    expect(Object.keys(runtime)).not.toContain("handler");
    expect(differences(key, runtime)).toEqual(["other code", "handler index.handler instead of none"]);
  });
});

describe("host state", () => {
  it("has the features that all processors share", () => {
    const x86 =
      "processor\t: 0\nvendor_id\t: A\nflags\t\t: sse avx2 fpu\n\nprocessor\t: 1\nflags\t\t: fpu sse \n";
    expect(cpuFeaturesOf(x86)).toEqual(["fpu", "sse"]);
    expect(cpuFeaturesOf("processor\t: 0\nFeatures\t: fp asimd\n")).toEqual(["asimd", "fp"]);
    expect(cpuFeaturesOf("")).toEqual([]);
  });

  it("can be read here", () => {
    expect(hostCpuFeatures().length).toBeGreaterThan(5);
    expect(hostKernel()).toMatch(/^\d+\./);
    const { bootId, monotonic } = hostBootTime();
    expect(bootId).toMatch(/^[0-9a-f-]{36}$/);
    expect(monotonic).toBeGreaterThan(0);
  });
});
