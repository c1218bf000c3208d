import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytes, functionName, joules, milliseconds } from "@frugal/core";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/daemon-rig.ts";
import { ManualClock, turns } from "../../test/manual-clock.ts";
import type { InvocationResult } from "../platform/platform.ts";
import { completeSettings, definitionOf } from "../registry/function-settings.ts";
import { type LogRecord, textOf } from "./log-record.ts";
import { LogStore } from "./log-store.ts";
import { matching } from "../../test/matchers.ts";

const definition = definitionOf(
  functionName("hello"),
  completeSettings({ runtime: "nodejs", handler: "index.handler" }, undefined),
  { revision: 1, codeSha256: "", codeSize: bytes(1), codeDirectory: "", lastModified: "" },
);

const executed: InvocationResult = {
  kind: "executed",
  requestId: "r1",
  outcome: { kind: "success", payload: Buffer.from("1"), cpu: undefined, pageFaults: undefined },
  start: "cold",
  startKind: "boot",
  startEnergy: undefined,
  phases: {
    unit: milliseconds(5),
    restore: milliseconds(0),
    runtime: milliseconds(20),
    init: milliseconds(30.25),
  },
  wait: milliseconds(60),
  duration: milliseconds(12.3456),
  energy: {
    kind: "energy",
    joules: joules(0.0123456),
    source: "rapl",
    quality: "attributed",
    interval: milliseconds(72),
    detail: "package-0",
  },
  pace: undefined,
  counters: {},
};

const clock = new ManualClock();
let folder: string;
let logs: LogStore;

const open = (fileBytes = 1024 ** 2, bufferBytes = 1024 ** 2, files = 4): LogStore =>
  new LogStore(folder, clock, { files, fileBytes, bufferBytes });
const texts = (records: readonly LogRecord[]): readonly string[] => records.map(textOf);

beforeEach(() => {
  folder = temporaryFolder();
  logs = open();
});
afterEach(async () => {
  await logs.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("LogStore", () => {
  it("keeps records in order, across restarts (L1)", async () => {
    logs.append("hello", "r1", "stdout", "first");
    logs.append("hello", undefined, "stderr", "second");
    logs.append("other", "r1", "stdout", "elsewhere");
    logs.observe(definition, executed);
    await logs.close();
    logs = open();
    const records = await logs.read("hello", 10);
    expect(records.slice(0, 2)).toEqual([
      {
        time: "2026-09-21T14:13:20.000Z",
        function: "hello",
        stream: "stdout",
        requestId: "r1",
        text: "first",
      },
      { time: "2026-09-21T14:13:20.000Z", function: "hello", stream: "stderr", text: "second" },
    ]);
    expect(texts(records)[2]).toBe(
      "END RequestId: r1\n" +
        "REPORT RequestId: r1\tDuration: 12.35 ms\tWait: 60.00 ms\tMemory Size: 256 MB\tInit Duration: 30.25 ms\t" +
        "Energy: 0.0123 J (attributed, rapl)",
    );
    expect(texts(await logs.read("hello", 1))).toHaveLength(1);
    expect(await logs.read("hello", 0)).toEqual([]);
    expect(await logs.read("nobody", 5)).toEqual([]);
  });

  it("gives a follower the past and then everything new, once and in order (L2)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(6), fc.nat(6), fc.nat(6), async (before, during, after) => {
        const name = `f${before}-${during}-${after}`;
        await logs.remove(name);
        let count = 0;
        const write = (times: number): void => {
          for (let i = 0; i < times; i++) logs.append(name, undefined, "stdout", String(count++));
        };
        write(before);
        if (before % 2 === 0) await turns();
        const heard: LogRecord[] = [];
        const following = logs.follow(name, 100, (record) => heard.push(record));
        write(during);
        const end = await following;
        write(after);
        end();
        logs.append(name, undefined, "stdout", "unheard");
        expect(texts(heard)).toEqual(Array.from({ length: count }, (_, i) => String(i)));
      }),
      { numRuns: 60 },
    );
  });

  it("never takes more disk than its files may have", async () => {
    logs = open(10_000, 1024 ** 2, 3);
    for (let i = 0; i < 100; i++) {
      for (let j = 0; j < 10; j++) logs.append("hello", undefined, "stdout", `${i}-${j} ${"x".repeat(50)}`);
      await logs.read("hello", 1);
    }
    await logs.close();
    const files = readdirSync(join(folder, "logs", "hello"));
    expect(files.sort()).toEqual(["0.ndjson", "1.ndjson", "2.ndjson"]);
    for (const file of files)
      expect(statSync(join(folder, "logs", "hello", file)).size).toBeLessThanOrEqual(10_000);
    const kept = texts(await logs.read("hello", 10_000));
    expect(kept.at(-1)).toMatch(/^99-9 /);
    expect(kept.length).toBeGreaterThan(100);
  });

  it("drops what memory cannot hold, counts it and says so in the log (L3)", async () => {
    logs = open(1024 ** 2, 5000);
    const heard: LogRecord[] = [];
    const end = await logs.follow("hello", 0, (record) => heard.push(record));
    for (let i = 0; i < 100; i++) logs.append("hello", undefined, "stdout", "x".repeat(90));
    expect(heard).toHaveLength(100);
    await logs.read("hello", 1);
    logs.append("hello", undefined, "stdout", "later");
    const records = texts(await logs.read("hello", 1000));
    expect(logs.dropped).toBe(80);
    expect(records).toHaveLength(20 + 2);
    expect(records.at(-2)).toMatch(/^80 records are missing here/);
    expect(records.at(-1)).toBe("later");
    end();
  });

  it("survives a log that cannot be written, and says afterwards what is missing (L3)", async () => {
    mkdirSync(join(folder, "logs"), { recursive: true });
    writeFileSync(join(folder, "logs", "hello"), "in the way");
    for (let i = 0; i < 3; i++) logs.append("hello", undefined, "stdout", `lost ${i}`);
    expect(await logs.read("hello", 10)).toEqual([]);
    expect(logs.dropped).toBe(3);
    rmSync(join(folder, "logs", "hello"));
    logs.append("hello", undefined, "stdout", "kept");
    expect(texts(await logs.read("hello", 10))).toEqual([matching(/^3 records/), "kept"]);
  });

  it("passes over a line that a crash cut short", async () => {
    logs.append("hello", undefined, "stdout", "whole");
    await logs.close();
    appendFileSync(join(folder, "logs", "hello", "0.ndjson"), '{"time":"2026');
    logs = open();
    logs.append("hello", undefined, "stdout", "swallowed with the damaged line");
    logs.append("hello", undefined, "stdout", "whole again");
    expect(texts(await logs.read("hello", 10))).toEqual(["whole", "whole again"]);
  });

  it("keeps logs from other users, and removes them with their function", async () => {
    logs.append("hello", undefined, "stdout", "secret");
    await logs.read("hello", 1);
    const path = join(folder, "logs", "hello");
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, "0.ndjson")).mode & 0o777).toBe(0o600);
    logs.append("hello", undefined, "stdout", "unwritten");
    await logs.remove("hello");
    expect(existsSync(path)).toBe(false);
    logs.append("hello", undefined, "stdout", "a new function of the name");
    expect(texts(await logs.read("hello", 10))).toEqual(["a new function of the name"]);
  });

  it("cuts a text that is too long", async () => {
    logs.append("hello", undefined, "stdout", "x".repeat(300_000));
    expect(texts(await logs.read("hello", 1))[0]).toMatch(/x\[cut: 300000 characters\]$/);
  });

  it("has the tail of recent invocations at once, at most 4 KiB, in whole characters", () => {
    const tail = (): string => logs.tail(definition, executed).toString();
    expect(tail()).toMatch(/^START RequestId: r1 Version: \$LATEST\nEND RequestId: r1\nREPORT/);
    logs.append("hello", "r1", "stdout", "hello");
    logs.append("hello", "r2", "stdout", "not mine");
    expect(tail()).toMatch(/^START.*\nhello\nEND/);
    for (let i = 0; i < 3000; i++) logs.append("hello", "r1", "stdout", "ü€😀");
    expect(Buffer.byteLength(tail())).toBeLessThanOrEqual(4096);
    expect(Buffer.byteLength(tail())).toBeGreaterThan(4090);
    expect(tail()).not.toContain("\ufffd");
    for (let i = 0; i < 1024; i++) logs.append("hello", `n${i}`, "stdout", "newer");
    expect(tail()).toMatch(/^START.*\nEND/);
  });
});
