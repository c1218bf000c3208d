import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inMebibytes, mebibytes } from "@frugal/core";
import { storeClone } from "../../test/fake-clone-image.ts";
import { snapshotSpec, SnapshotWorld } from "../../test/snapshot-world.ts";
import type { LoadingReport } from "../runtime/language-runtime.ts";
import type { InstanceSpec } from "../instance-spec.ts";
import type { UnitSpec } from "../unit/unit.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import { Identity } from "./identity.ts";
import { contentName, noContent, type PhaseContent, Phases } from "./phases.ts";

const names = ["a", "b", "c"] as const;
const variables = ["X", "Y"] as const;

/** A package: the version of each of its files, if it has that, and the value of each variable. */
const packages = fc.record({
  files: fc.record({ a: fc.nat(2), b: fc.nat(2), c: fc.nat(2) }),
  environment: fc.record(
    { X: fc.constantFrom("", "1", "2"), Y: fc.constantFrom("", "1") },
    { requiredKeys: [] },
  ),
});
type Package = typeof packages extends fc.Arbitrary<infer T> ? T : never;

/** Files that were loaded, and variables that were read meanwhile. */
const loadings = fc.record({ files: fc.subarray([...names]), reads: fc.subarray([...variables]) });
type Loading = typeof loadings extends fc.Arbitrary<infer T> ? T : never;

describe("Phases", () => {
  let world: SnapshotWorld;
  let folder: string;
  let packed = 0;
  beforeEach(() => {
    world = new SnapshotWorld();
    folder = mkdtempSync(join(tmpdir(), "frugal-phases-"));
  });
  afterEach(() => {
    world.remove();
    rmSync(folder, { recursive: true });
  });

  /** A function of its own; version 0 of a file is that there is none. */
  function deploy({ files, environment }: Package): InstanceSpec {
    const codeDirectory = join(folder, `${++packed}`);
    mkdirSync(codeDirectory);
    for (const name of names)
      if (files[name] > 0) writeFileSync(join(codeDirectory, `${name}.mjs`), `version ${files[name]}`);
    return snapshotSpec({
      codeDirectory,
      codeSha256: `${packed}`,
      environment,
    });
  }
  const planOf = (spec: InstanceSpec): UnitSpec => world.runtime.plan(spec, { kind: "isolated" });
  const reportOf = ({ files, reads }: Loading, { environment }: InstanceSpec): LoadingReport => ({
    files: files.map((name) => ({ module: name, path: `/var/task/${name}.mjs`, isDependency: true })),
    environmentReads: Object.fromEntries(reads.map((name) => [name, environment[name] ?? null])),
    absences: [],
  });

  async function store(
    catalogue: Catalogue,
    kind: "dependencies" | "runtime",
    spec: InstanceSpec,
    phase: PhaseContent,
  ): Promise<void> {
    const name = kind === "runtime" ? "" : contentName(phase);
    const key = new Identity("4.1.1").keyOf(kind, spec, planOf(spec), name);
    await storeClone(catalogue, {}, { kind, key: { ...key }, phase });
  }

  const has = (deployed: Package, name: (typeof names)[number]): number => deployed.files[name];

  it("chooses the largest whose files and variables are all the function's own (B1, B2)", async () => {
    await fc.assert(
      fc.asyncProperty(
        packages,
        fc.array(fc.tuple(packages, loadings), { minLength: 1, maxLength: 4 }),
        async (wanted, others) => {
          const own = new SnapshotWorld();
          const catalogue = await own.host.open({ sizeLimit: mebibytes(64) });
          const phases = new Phases(catalogue, new Identity("4.1.1"));
          const sizes: number[] = [];
          for (const [maker, wish] of others) {
            // Only what is there can be loaded.
            const loading = { ...wish, files: wish.files.filter((name) => has(maker, name) > 0) };
            const spec = deploy(maker);
            const content = await phases.contentOf(reportOf(loading, spec), spec);
            await store(catalogue, "dependencies", spec, content);
            const isSame =
              loading.files.every((name) => has(maker, name) === has(wanted, name)) &&
              loading.reads.every((name) => maker.environment[name] === wanted.environment[name]);
            if (isSame) sizes.push(loading.files.length);
          }
          const spec = deploy(wanted);
          const found = await phases.furthestFor(spec, planOf(spec));
          const expected = sizes.length === 0 ? undefined : Math.max(...sizes);
          expect(found?.manifest.phase?.files.length).toBe(expected);
          own.remove();
        },
      ),
      { numRuns: 40 },
    );
  });

  it("falls back on the runtime alone, which fits every function of the same limits", async () => {
    const catalogue = await world.host.open({ sizeLimit: mebibytes(64) });
    const phases = new Phases(catalogue, new Identity("4.1.1"));
    const maker = deploy({ files: { a: 1, b: 0, c: 0 }, environment: {} });
    await store(catalogue, "runtime", maker, noContent);
    const other = deploy({ files: { a: 0, b: 2, c: 0 }, environment: { X: "2" } });
    expect((await phases.furthestFor(other, planOf(other)))?.manifest.kind).toBe("runtime");
    const larger = { ...other, memory: mebibytes(512) };
    expect(await phases.furthestFor(larger, planOf(larger))).toBeUndefined();
  });

  it("takes the runtime alone of the same limits where there are several", async () => {
    const catalogue = await world.host.open({ sizeLimit: mebibytes(64) });
    const phases = new Phases(catalogue, new Identity("4.1.1"));
    const small = deploy({ files: { a: 1, b: 0, c: 0 }, environment: {} });
    const large = { ...small, memory: mebibytes(512) };
    for (const spec of [small, large]) await store(catalogue, "runtime", spec, noContent);
    for (const spec of [small, large]) {
      const found = await phases.furthestFor(spec, planOf(spec));
      expect(found?.manifest.key["memory"]).toBe(`${inMebibytes(spec.memory)} MiB`);
    }
  });

  it("stores no value of a variable, and no phase of what cannot be read on the host", async () => {
    const catalogue = await world.host.open();
    const phases = new Phases(catalogue, new Identity("4.1.1"));
    const spec = deploy({ files: { a: 1, b: 0, c: 0 }, environment: { X: "2" } });
    const content = await phases.contentOf(reportOf({ files: ["a"], reads: ["X", "Y"] }, spec), spec);
    expect(content.environment).toEqual([expect.stringMatching(/^X=[0-9a-f]{64}$/), "Y"]);
    await expect(phases.contentOf(reportOf({ files: ["b"], reads: [] }, spec), spec)).rejects.toThrow(
      "/var/task/b.mjs that it loaded cannot be read",
    );
  });
});
