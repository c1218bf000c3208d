import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { functionName, mebibytes, seconds } from "@frugal/core";
import { snapshotSpec } from "../../test/snapshot-world.ts";
import { unitSpec } from "../../test/unit-spec.ts";
import type { InstanceSpec } from "../instance-spec.ts";
import type { UnitSpec } from "../unit/unit.ts";
import { snapshotIdOf } from "./catalogue/snapshot-key.ts";
import { Identity } from "./identity.ts";
import type { SnapshotKind } from "./snapshots.ts";

describe("Identity", () => {
  let folder: string;
  let plan: UnitSpec;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "frugal-identity-"));
    mkdirSync(join(folder, "shim/lib"), { recursive: true });
    mkdirSync(join(folder, "code"));
    for (const name of ["node", "shim/a.mjs", "shim/lib/b.mjs", "code/index.mjs"])
      writeFileSync(join(folder, name), name);
    plan = unitSpec(["/opt/frugal/node", "/opt/frugal/runtime/a.mjs"], {
      mounts: [
        { source: join(folder, "code"), target: "/var/task" },
        { source: join(folder, "node"), target: "/opt/frugal/node" },
        { source: join(folder, "shim"), target: "/opt/frugal/runtime" },
      ],
    });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** As a platform that starts now names it. */
  const idOf = (
    spec: InstanceSpec,
    kind: SnapshotKind = "function",
    criu = "4.1.1",
    content?: string,
  ): string => snapshotIdOf(new Identity(criu).keyOf(kind, spec, plan, content));

  const both = [true, true];
  const changes: [string, Partial<InstanceSpec>, readonly boolean[]][] = [
    ["the code", { codeSha256: "other" }, [true, false]],
    ["the handler", { handler: "other.handler" }, [true, false]],
    ["a variable", { environment: { COLOUR: "blue" } }, [true, false]],
    ["the function's name", { function: functionName("other") }, [true, false]],
    ["the memory", { memory: mebibytes(512) }, both],
    ["the concurrency", { concurrency: 4 }, both],
    ["the runtime", { runtime: "python3" }, both],
    ["the unit's name", { id: "other" }, [false, false]],
    ["a timeout", { invokeTimeout: seconds(1) }, [false, false]],
    ["where the package is", { codeDirectory: "/elsewhere" }, [false, false]],
  ];
  it.each(changes)("takes %s into account where it is in the image", (_, change, [inFunction, inRuntime]) => {
    const before = snapshotSpec();
    const after = snapshotSpec(change);
    expect([idOf(before) !== idOf(after), idOf(before, "runtime") !== idOf(after, "runtime")]).toEqual([
      inFunction,
      inRuntime,
    ]);
  });

  it("tells kinds of snapshots, versions of criu and contents of phases apart", () => {
    const spec = snapshotSpec();
    const ids = [
      idOf(spec),
      idOf(spec, "function", "4.2"),
      idOf(spec, "runtime", "4.1.1", ""),
      idOf(spec, "dependencies", "4.1.1", "a"),
      idOf(spec, "dependencies", "4.1.1", "b"),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(idOf(spec)).toBe(ids[0]);
  });

  it("notices other files of the platform and of the runtime, but not of the package", () => {
    const spec = snapshotSpec();
    const first = idOf(spec);
    writeFileSync(join(folder, "code/index.mjs"), "its checksum is in the specification");
    expect(idOf(spec)).toBe(first);
    writeFileSync(join(folder, "shim/lib/b.mjs"), "other");
    const second = idOf(spec);
    expect(second).not.toBe(first);
    utimesSync(join(folder, "node"), 1, 1);
    expect(idOf(spec)).not.toBe(second);
  });

  it("has no value of a variable in it (K3)", () => {
    const spec = snapshotSpec({ environment: { TOKEN: "very secret" } });
    expect(JSON.stringify(new Identity("4").keyOf("function", spec, plan))).not.toContain("very secret");
  });
});
