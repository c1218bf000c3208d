/**
 * The bench's client against a made-up platform: what it reads of starts and snapshots.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PlatformClient, Transport } from "@frugal/cli";
import { afterEach, describe, expect, it } from "vitest";
import { Gateway } from "./gateway.ts";
import { SnapshotSource } from "./snapshot-source.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listening(answer: Answer): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function gatewayOf(url: string): Gateway {
  const gateway = new Gateway(url);
  closers.push(() => {
    gateway.close();
  });
  return gateway;
}

function sourceOf(url: string): SnapshotSource {
  const transport = new Transport({ url, apiKey: undefined });
  closers.push(() => transport.close());
  return new SnapshotSource(new PlatformClient(transport));
}

describe("Gateway", () => {
  it("sends the wish, and reads kind and phases of the start", async () => {
    const wishes: unknown[] = [];
    const url = await listening((request, response) => {
      wishes.push(request.headers["x-frugal-start"]);
      response.setHeader("x-frugal-start-kind", "prefetch");
      response.end(
        JSON.stringify({
          state: "succeeded",
          start: "cold",
          startPhases: { restoreSeconds: 0.02 },
          result: { a: 1 },
        }),
      );
    });
    const { output, start, ms } = await gatewayOf(url).invoke("hello", {}, "prefetch");
    expect(wishes).toEqual(["prefetch"]);
    expect(output).toEqual({ a: 1 });
    expect(start).toEqual({ isCold: true, kind: "prefetch", phases: { restore: 20 } });
    expect(ms).toBeGreaterThan(0);
  });

  it("takes a start without a kind for a boot, and a failed invocation for an error", async () => {
    const states = ["succeeded", "failed"];
    const url = await listening((_, response) => {
      response.end(JSON.stringify({ state: states.shift(), start: "cold", result: null }));
    });
    const gateway = gatewayOf(url);
    expect((await gateway.invoke("hello", {}, undefined)).start.kind).toBe("boot");
    await expect(gateway.invoke("hello", {}, undefined)).rejects.toThrow(/hello was not executed/);
  });
});

const summary = {
  id: "s1",
  kind: "function",
  functions: ["hello"],
  runtime: "nodejs 24",
  sizeBytes: 9_000_000,
  createdAt: "2026-11-22T00:00:00Z",
  pages: 2000,
  workingSetPages: 640,
  starts: 7,
};
const details = {
  ...summary,
  folder: "/data/snapshots/s1",
  key: {},
  files: [],
  pids: [100],
  workingSet: null,
  fileRanges: { ranges: 0, bytes: 0 },
  dumpSeconds: 0.1,
  pageMap: { image: [], workingSet: [] },
};
const restore = { kind: "prefetch", isPooled: true, latencySeconds: 0.02, faults: 11, prefetchedPages: 640 };

/** A platform with one snapshot, whose restores are `lastRestores`. */
const withRestores = (lastRestores: readonly object[]): Promise<string> =>
  listening(({ url: path }, response) => {
    const phase = { ...summary, id: "p1", kind: "dependencies" };
    response.end(
      JSON.stringify(
        path === "/v1/snapshots" ? { snapshots: [phase, summary] } : { ...details, lastRestores },
      ),
    );
  });

describe("SnapshotSource", () => {
  it("waits for a snapshot, and says why there is none", async () => {
    const asked: unknown[] = [];
    const url = await listening(({ method, url: path }, response) => {
      asked.push([method, path]);
      if (asked.length === 1) {
        response.end(JSON.stringify({ function: "hello", state: "built", message: "there it is" }));
        return;
      }
      response.statusCode = 503;
      response.end(JSON.stringify({ code: "host-unsupported", message: "criu is not installed" }));
    });
    const source = sourceOf(url);
    expect(await source.make("hello")).toBeUndefined();
    expect(await source.make("hello")).toBe("criu is not installed");
    expect(asked).toEqual([
      ["POST", "/v1/snapshots?wait=true"],
      ["POST", "/v1/snapshots?wait=true"],
    ]);
  });

  it("finds the function's own snapshot, not the phases that it shares", async () => {
    const source = sourceOf(await withRestores([]));
    expect(await source.figuresOf("hello")).toEqual({ id: "s1", starts: 7, workingSetBytes: 640 * 4096 });
    expect(await source.figuresOf("numpy")).toBeUndefined();
    expect(await source.folderOf("s1")).toBe("/data/snapshots/s1");
  });

  it.each([
    ["pages ahead and by faults", [{ ...restore, faults: 650 }, restore], { faults: 11, pages: 651 }],
    [
      "all pages of an eager restore",
      [{ ...restore, kind: "eager", faults: null }],
      { faults: 0, pages: 2000 },
    ],
    ["nothing where it is unknown", [{ ...restore, faults: null }], undefined],
    ["nothing before the first", [], undefined],
  ])("counts %s", async (_, lastRestores, figures) => {
    expect(await sourceOf(await withRestores(lastRestores)).lastRestore("s1")).toEqual(figures);
  });
});
