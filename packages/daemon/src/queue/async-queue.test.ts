import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { type ErrorCode, type FrugalError, functionName, seconds } from "@frugal/core";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/daemon-rig.ts";
import { type Answer, FakePlatform, success } from "../../test/fake-platform.ts";
import { ManualClock, turns } from "../../test/manual-clock.ts";
import { handlerZip } from "../../test/zip-archive.ts";
import { type DaemonOptions, resolveConfig } from "../config.ts";
import { CodeStore } from "../registry/code-store.ts";
import { openDatabase } from "../registry/database.ts";
import { Deployments } from "../registry/deployments.ts";
import { FunctionStore } from "../registry/function-store.ts";
import { AsyncQueue } from "./async-queue.ts";
import { queueOptions } from "./queue-options.ts";

let folder: string;
let database: DatabaseSync;
let platform: FakePlatform;
let clock: ManualClock;
let deployments: Deployments;
let queue: AsyncQueue;

function open(options: DaemonOptions["async"] = {}): void {
  database = openDatabase(folder);
  const code = new CodeStore(folder);
  const functions = new FunctionStore(database, (sha256) => code.folderOf(sha256));
  deployments = new Deployments({ store: functions, code, platform, clock });
  const { async } = resolveConfig({ dataDirectory: folder, async: options }, {});
  queue = new AsyncQueue({ database, platform, functions, clock, options: queueOptions(async) });
}

/** The process dies: nothing is closed in order. */
function crash(): void {
  queue.stop();
  database.close();
}

beforeEach(async () => {
  folder = temporaryFolder();
  platform = new FakePlatform();
  clock = new ManualClock();
  open();
  await deploy("hello", 2);
});
afterEach(() => {
  if (database.isOpen) database.close();
  rmSync(folder, { recursive: true, force: true });
});

const deploy = (name: string, asyncRetries: number, maxInstances = 100) =>
  deployments.create(functionName(name), {
    settings: { runtime: "nodejs", handler: "index.handler", asyncRetries, maxInstances },
    code: handlerZip(),
  });

const enqueue = (name = "hello", payload = "{}"): Promise<string> =>
  new Promise((resolve, reject) => {
    const requestId = randomUUID();
    queue.enqueue(
      {
        requestId,
        function: name,
        payload: Buffer.from(payload),
        traceId: undefined,
        clientContext: undefined,
      },
      (error: FrugalError | undefined) => (error === undefined ? resolve(requestId) : reject(error)),
    );
  });

const refused = (code: ErrorCode, retryAfter?: number): Answer => ({
  kind: "refused",
  requestId: randomUUID(),
  error: { code, message: `refused: ${code}` },
  retryAfter: retryAfter === undefined ? undefined : seconds(retryAfter),
});
const failure: Answer = {
  kind: "function-error",
  error: { errorType: "Error", errorMessage: "no" },
  cpu: undefined,
  pageFaults: undefined,
};

/** The function gives these answers, one after the other, then successes. */
const answerWith = (...answers: readonly Answer[]): void => {
  const left = [...answers];
  platform.behave("hello", (_request, done) => done(left.shift() ?? success("at last")));
};

describe("AsyncQueue", () => {
  it("executes what was accepted and keeps its result", async () => {
    const id = await enqueue("hello", '{"a":1}');
    expect(queue.find(id)?.kind).toBe("queued");
    expect(platform.invocations).toBe(0);
    queue.start();
    await turns();
    expect(queue.find(id)).toMatchObject({
      kind: "succeeded",
      attempts: 1,
      result: new Uint8Array(Buffer.from('{"a":1}')),
      facts: { start: "warm", duration: 0.0125, energy: { joules: 0.25, quality: "estimated" } },
    });
    expect(queue.counts()).toEqual({ queued: 0, running: 0 });
  });

  it("does nothing at all while it is empty: no timer, no turn", async () => {
    queue.start();
    await enqueue();
    await turns();
    expect(clock.alarms).toBe(0);
  });

  it("repeats a failed one with growing delays, then records the failure (Q2)", async () => {
    answerWith(failure, failure, failure);
    queue.start();
    const id = await enqueue();
    await turns();
    expect(queue.find(id)).toMatchObject({ kind: "queued", attempts: 1 });
    clock.advance(0.9);
    await turns();
    expect(platform.invocations).toBe(1);
    clock.advance(0.1);
    await turns();
    expect(platform.invocations).toBe(2);
    clock.advance(2);
    await turns();
    expect(queue.find(id)).toMatchObject({
      kind: "failed",
      attempts: 3,
      error: { kind: "function-error", error: { errorMessage: "no" } },
    });
    expect(clock.alarms).toBe(0);
  });

  it("repeats lost ones and failed starts too", async () => {
    answerWith(
      { kind: "lost", error: { code: "function-crashed", message: "gone" } },
      refused("init-failed"),
    );
    queue.start();
    const id = await enqueue();
    for (const time of [1, 2]) {
      await turns();
      clock.advance(time);
    }
    await turns();
    expect(queue.find(id)).toMatchObject({ kind: "succeeded", attempts: 3 });
  });

  it("counts no attempt where the platform refused for a while (Q3)", async () => {
    answerWith(...Array.from({ length: 10 }, () => refused("overloaded", 5)));
    queue.start();
    const id = await enqueue();
    for (let i = 0; i < 10; i++) {
      await turns();
      expect(queue.find(id)).toMatchObject({ kind: "queued", attempts: 0 });
      clock.advance(5);
    }
    await turns();
    expect(queue.find(id)).toMatchObject({ kind: "succeeded", attempts: 1 });
  });

  it("records a failure where repeating is no use: no function, too large, too old", async () => {
    const orphan = await enqueue("nobody");
    answerWith(refused("function-too-large"));
    const large = await enqueue();
    queue.start();
    await turns();
    expect(queue.find(orphan)).toMatchObject({
      kind: "failed",
      error: { error: { code: "function-not-found" } },
    });
    expect(queue.find(large)).toMatchObject({
      kind: "failed",
      error: { error: { code: "function-too-large" } },
    });
    platform.behave("hello", (_request, done) => done(refused("overloaded", 4 * 3600)));
    const old = await enqueue();
    await turns();
    clock.advance(4 * 3600);
    await turns();
    clock.advance(4 * 3600);
    await turns();
    expect(queue.find(old)).toMatchObject({
      kind: "failed",
      error: { error: { message: /within 21600 s/ } },
    });
  });

  it("survives a platform that throws", async () => {
    platform.behave("hello", () => {
      throw new Error("a fault");
    });
    queue.start();
    const id = await enqueue();
    await turns();
    expect(queue.find(id)?.kind).toBe("queued");
    answerWith();
    clock.advance(1);
    await turns();
    expect(queue.find(id)?.kind).toBe("succeeded");
  });

  it("takes up after a crash what was queued and what was running (I1, Q1)", async () => {
    const running: string[] = [];
    platform.behave("hello", ({ requestId }) => running.push(requestId));
    queue.start();
    const first = await enqueue();
    await turns();
    expect(running).toEqual([first]);
    queue.stop();
    database.close();
    open();
    const second = await enqueue();
    crash();
    open();
    answerWith();
    queue.start();
    await turns();
    for (const id of [first, second])
      expect(queue.find(id)).toMatchObject({ kind: "succeeded", attempts: 1 });
  });

  it("keeps what is due due when the wall clock is set back", async () => {
    const id = await enqueue();
    clock.setWall(-3600);
    answerWith();
    queue.start();
    await turns();
    expect(queue.find(id)?.kind).toBe("succeeded");
  });

  it("gives up an invocation under which the platform died again and again", async () => {
    platform.behave("hello", () => undefined);
    const id = await enqueue();
    for (let i = 0; i < 10; i++) {
      expect(queue.find(id)?.kind).toBe("queued");
      queue.start();
      await turns();
      crash();
      open();
    }
    expect(queue.find(id)).toMatchObject({ kind: "failed", error: { error: { code: "internal" } } });
  });

  it("writes what ended before it was closed, and nothing later", async () => {
    const pending: (() => void)[] = [];
    platform.behave("hello", (_request, done) => pending.push(() => done(success(1))));
    queue.start();
    const [first, second] = [await enqueue(), await enqueue()];
    await turns();
    queue.stop();
    await expect(enqueue()).rejects.toMatchObject({ code: "shutting-down" });
    pending[0]?.();
    queue.close();
    pending[1]?.();
    await turns();
    database.close();
    open();
    expect(queue.find(first)?.kind).toBe("succeeded");
    expect(queue.find(second)?.kind).toBe("queued");
  });

  it("refuses more than it may hold, by number and by bytes", async () => {
    crash();
    open({ maxQueued: 2, maxQueuedBytes: 100 });
    await Promise.all([enqueue(), enqueue()]);
    await expect(enqueue()).rejects.toMatchObject({ code: "overloaded", retryable: true });
    queue.start();
    await turns();
    await expect(enqueue("hello", JSON.stringify("x".repeat(100)))).rejects.toMatchObject({
      code: "overloaded",
    });
    await expect(enqueue()).resolves.toBeDefined();
  });

  it("accepts nothing that it could not write, and goes on when there is room again", async () => {
    queue.start();
    await turns();
    const pages = Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
    database.exec(`PRAGMA max_page_count = ${pages}`);
    const large = JSON.stringify("x".repeat(100_000));
    const outcomes = await Promise.allSettled([enqueue("hello", large), enqueue("hello", large)]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "storage-failed", status: 507 } });
    expect(queue.counts()).toEqual({ queued: 0, running: 0 });
    database.exec("PRAGMA max_page_count = 1000000");
    const id = await enqueue("hello", large);
    await turns();
    expect(queue.find(id)?.kind).toBe("succeeded");
  });

  it("keeps endings that could not be written, and writes them later (Q2)", async () => {
    const pending: (() => void)[] = [];
    platform.behave("hello", (_request, done) => pending.push(() => done(success("x".repeat(200_000)))));
    queue.start();
    const id = await enqueue();
    await turns();
    const pages = Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
    database.exec(`PRAGMA max_page_count = ${pages}`);
    pending[0]?.();
    await turns();
    expect(queue.find(id)?.kind).toBe("running");
    database.exec("PRAGMA max_page_count = 1000000");
    clock.advance(1);
    await turns();
    expect(queue.find(id)?.kind).toBe("succeeded");
    expect(platform.invocations).toBe(1);
  });

  it("forgets old results: by number, bytes and age", async () => {
    crash();
    open({ keepCount: 5, keepBytes: 300, keepSeconds: 60 });
    queue.start();
    const ids: string[] = [];
    for (let i = 0; i < 8; i++) {
      ids.push(await enqueue("hello", JSON.stringify("x".repeat(98))));
      await turns();
      clock.advance(1);
    }
    const kept = (): number => ids.filter((id) => queue.find(id) !== undefined).length;
    const reopen = async (): Promise<void> => {
      crash();
      open({ keepCount: 5, keepBytes: 300, keepSeconds: 60 });
      queue.start();
      await turns();
    };
    await reopen();
    expect(kept()).toBe(3);
    expect(queue.find(ids.at(-1) ?? "")?.kind).toBe("succeeded");
    clock.advance(61);
    await reopen();
    expect(kept()).toBe(0);
  });

  it("lets a long backlog of one function not hold up another", async () => {
    crash();
    open({ maxInFlight: 4 });
    await deploy("other", 0);
    const order: string[] = [];
    const ends: (() => void)[] = [];
    for (const name of ["hello", "other"])
      platform.behave(name, (_request, done) => {
        order.push(name);
        ends.push(() => done(success(1)));
      });
    for (let i = 0; i < 20; i++) await enqueue("hello");
    await enqueue("other");
    queue.start();
    await turns();
    expect(order.toSorted()).toEqual(["hello", "hello", "hello", "other"]);
  });

  it("never has more in flight than a function has places, nor than it may have in all (Q3)", async () => {
    crash();
    open({ maxInFlight: 7 });
    await deploy("narrow", 0, 2);
    const inFlight: Record<string, number> = { hello: 0, narrow: 0 };
    const ends: (() => void)[] = [];
    for (const name of ["hello", "narrow"])
      platform.behave(name, (_request, done) => {
        inFlight[name] = (inFlight[name] ?? 0) + 1;
        expect(inFlight["narrow"]).toBeLessThanOrEqual(2);
        expect((inFlight["hello"] ?? 0) + (inFlight["narrow"] ?? 0)).toBeLessThanOrEqual(7);
        ends.push(() => {
          inFlight[name] = (inFlight[name] ?? 0) - 1;
          done(success(1));
        });
      });
    queue.start();
    const ids: string[] = [];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom("hello", "narrow"), fc.nat(3))), async (steps) => {
        for (const [name, ending] of steps) {
          ids.push(await enqueue(name));
          for (let i = 0; i < ending; i++) ends.shift()?.();
        }
        await turns();
      }),
      { numRuns: 20 },
    );
    while (ends.length > 0) {
      ends.shift()?.();
      await turns();
    }
    expect(ids.filter((id) => queue.find(id)?.kind !== "succeeded")).toEqual([]);
  });

  it("has every acknowledged invocation after kill -9 (I1, Q1)", async () => {
    database.close();
    for (let round = 0; round < 3; round++) {
      const writer = spawn(
        process.execPath,
        [fileURLToPath(new URL("../../test/queue-writer.ts", import.meta.url)), folder],
        {
          stdio: ["ignore", "pipe", "inherit"],
        },
      );
      let output = "";
      writer.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        if (output.length > 37 * (200 + round * 501)) writer.kill("SIGKILL");
      });
      await once(writer, "close");
      const acknowledged = output.split("\n").slice(0, -1);
      open({ keepCount: 1_000_000 });
      const lost = acknowledged.filter((id) => queue.find(id) === undefined);
      expect(acknowledged.length).toBeGreaterThan(200);
      expect(lost).toEqual([]);
      // After the restart each of them comes to its end.
      answerWith();
      queue.start();
      while (queue.counts().queued + queue.counts().running > 0) await turns();
      // The last endings are written with the next turn.
      await turns();
      expect(acknowledged.filter((id) => queue.find(id)?.kind !== "succeeded")).toEqual([]);
      crash();
    }
    open();
  });
});
