/**
 * Snapshots of functions with more than one thread and process, with files, sockets and connections, and of runtimes that the
 * package brings: each is built for real, and answers after every kind of restore as if it had never been away.
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytes, functionName, mebibytes, type StartKind } from "@frugal/core";
import { instanceSpec } from "../../test/instance-spec.ts";
import { InstanceDriver } from "../../test/instance-driver.ts";
import { cannotNetwork, cannotRunCriu } from "../../test/needs.ts";
import { realClock } from "../../test/real-clock.ts";
import { publicAddress, SmallInternet } from "../../test/small-internet.ts";
import type { LocalSandbox } from "../local-sandbox.ts";
import { buildNativePrograms } from "../native/native-programs.ts";
import { openSandbox } from "../open-sandbox.ts";
import type { InstanceSpec } from "../instance-spec.ts";

import type { BuildResult } from "./snapshots.ts";

type Package = "nodejs" | "python3" | "bash" | "python-runtime";

const kinds = ["eager", "lazy", "prefetch"] as const;
const warmUps = 2;
const isBuilt = { kind: "built", id: expect.any(String) as string };

describe.skipIf(cannotRunCriu)("a snapshot (needs root and an installed criu)", () => {
  let folder: string;
  let sandbox: LocalSandbox;
  beforeAll(async () => {
    await buildNativePrograms();
    folder = mkdtempSync(join(tmpdir(), "frugal-snapshots-"));
    sandbox = await openSandbox({
      clock: realClock,
      reserve: 0,
      snapshots: { folder, size: bytes(2 ** 31), hot: bytes(2 ** 26) },
      complain: (line) => expect.fail(line),
    });
    expect(sandbox.snapshotProblem).toBeUndefined();
  });
  afterAll(async () => {
    await sandbox.close();
    rmSync(folder, { recursive: true });
  });

  const specOf = (
    name: Package,
    environment: Record<string, string>,
    rest: Partial<InstanceSpec> = {},
  ): InstanceSpec =>
    instanceSpec({
      id: `t-${randomUUID().slice(0, 8)}`,
      function: functionName(`holder-${name}`),
      runtime: name === "nodejs" || name === "python3" ? name : "provided",
      codeDirectory: fileURLToPath(new URL(`../../test/handlers/residents/${name}`, import.meta.url)),
      codeSha256: createHash("sha256").update(name).digest("hex"),
      environment,
      ...rest,
    });

  const built = (spec: InstanceSpec): Promise<BuildResult> => {
    const build = sandbox.snapshots?.build(spec, { count: warmUps, payloads: [Buffer.from("{}")] });
    return build?.done ?? expect.fail("the host makes no snapshots");
  };

  function started(spec: InstanceSpec, kind: StartKind): InstanceDriver {
    return new InstanceDriver(
      sandbox,
      { ...spec, id: `t-${randomUUID().slice(0, 8)}` },
      { kind, pooled: false },
    );
  }

  /** What three invocations of a clone answer, after every kind of restore. */
  async function answers(spec: InstanceSpec): Promise<Record<string, unknown>> {
    expect(await built(spec)).toEqual(isBuilt);
    const all: Record<string, unknown> = {};
    for (const kind of kinds) {
      const clone = started(spec, kind);
      const values: unknown[] = [];
      for (let i = 0; i < 3; i++) values.push(await clone.call({}));
      expect([clone.kind, clone.failedStarts]).toEqual([kind, []]);
      clone.instance.stop();
      expect(await clone.ended).toEqual({ kind: "stopped" });
      all[kind] = values;
    }
    return all;
  }

  const afterEveryRestore = (values: unknown): unknown =>
    Object.fromEntries(kinds.map((kind) => [kind, values]));
  /** What counts invocations goes on counting where the template had stopped. */
  const counts = [1, 2, 3].map((count) => warmUps + count);

  it.each(["worker", "child", "file", "loopback", "worker,child,file,loopback"])(
    "of nodejs keeps its %s",
    async (held) => {
      const values = counts.map((count) => ["kept", ...held.split(",").map(() => count)]);
      expect(await answers(specOf("nodejs", { HOLD: held }))).toEqual(afterEveryRestore(values));
    },
  );

  it.each([
    "thread",
    "child",
    "multiprocessing",
    "file",
    "deleted",
    "shared_memory",
    "socketpair",
    "loopback",
    "thread,child,multiprocessing,file,deleted,shared_memory,socketpair,loopback",
  ])("of python3 keeps its %s", async (held) => {
    const values = counts.map((count) => ["kept", ...held.split(",").map(() => count)]);
    expect(await answers(specOf("python3", { HOLD: held }))).toEqual(afterEveryRestore(values));
  });

  it.each(["bash", "python-runtime"] as const)(
    "of the provided runtime %s goes on asking for invocations",
    async (name) => {
      expect(await answers(specOf(name, {}))).toEqual(afterEveryRestore(counts.map((count) => [count, {}])));
    },
  );

  it("of a function with concurrency executes several invocations at a time", async () => {
    const spec = specOf("nodejs", { HOLD: "child" }, { concurrency: 8 });
    expect(await built(spec)).toEqual(isBuilt);
    for (const kind of kinds) {
      const clone = started(spec, kind);
      const all = await Promise.all(Array.from({ length: 8 }, () => clone.call({ wait: 50 })));
      expect(all.every((value) => Array.isArray(value) && value[0] === "kept")).toBe(true);
      expect([clone.kind, clone.failedStarts]).toEqual([kind, []]);
      clone.instance.stop();
      await clone.ended;
    }
  });

  it("has connections closed that cannot go on: one that was half closed", async () => {
    const [first, ...rest] = ["BrokenPipeError", "BrokenPipeError", "BrokenPipeError"];
    const values = [first, ...rest].map((error) => ["kept", error]);
    expect(await answers(specOf("python3", { HOLD: "half_closed" }))).toEqual(afterEveryRestore(values));
  });

  it.each([
    ["a large file that is deleted, but open", "huge", 70 << 20, /ghost/i],
    [
      "a process that its parent has left behind",
      "background",
      "alone",
      /whose parent has ended: \d+ \(sleep\)$/,
    ],
  ])("is not made of %s, and the reason says so", async (_what, held, answer, reason) => {
    const limits = { memory: mebibytes(512), temporaryStorage: mebibytes(128) };
    const spec = specOf("python3", { HOLD: held }, { ...limits, function: functionName(held) });
    expect(await built(spec)).toEqual({ kind: "failed", reason: expect.stringMatching(reason) as string });
    const instance = started(spec, "prefetch");
    expect(await instance.call({})).toEqual(["kept", answer]);
    expect(instance.kind).toBe("boot");
    expect(instance.failedStarts.at(0)).toMatch(/^prefetch: there is no snapshot of it/);
    instance.instance.stop();
    await instance.ended;
  });

  describe.skipIf(cannotNetwork)("with a way out", () => {
    let internet: SmallInternet;
    beforeAll(async () => {
      internet = await SmallInternet.open();
    });
    afterAll(() => internet.close());

    it("has its connections to the outside closed, and can make new ones", async () => {
      const environment = { HOLD: "outside", OUTSIDE: publicAddress };
      const spec = specOf("python3", environment, { network: { kind: "egress", allow: [] } });
      const values = ["BrokenPipeError", "OSError", "OSError"].map((error) => ["kept", error]);
      expect(await answers(spec)).toEqual(afterEveryRestore(values));
    });

    it.each(["nodejs", "python3"] as const)(
      "tells %s, which reads from such a connection, that it is gone",
      async (name) => {
        const environment = { HOLD: "outside_reader", OUTSIDE: publicAddress };
        const spec = specOf(name, environment, { network: { kind: "egress", allow: [] } });
        expect(await built(spec)).toEqual(isBuilt);
        for (const kind of kinds) {
          const clone = started(spec, kind);
          await expect.poll(() => clone.call({}), { timeout: 30_000 }).toEqual(["kept", "ENOTCONN"]);
          expect([clone.kind, clone.failedStarts]).toEqual([kind, []]);
          clone.instance.stop();
          await clone.ended;
        }
      },
    );
  });
});
