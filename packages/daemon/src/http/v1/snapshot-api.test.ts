/**
 * /v1/snapshots and wishes of experiments over real HTTP.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DaemonRig, startRig } from "../../../test/daemon-rig.ts";
import { containing, parseJson } from "../../../test/matchers.ts";
import { handlerZip } from "../../../test/zip-archive.ts";

let rig: DaemonRig;

beforeEach(async () => {
  rig = await startRig();
  await deploy("hello");
});
afterEach(() => rig.close());

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(rig.url + path, {
    method,
    headers: { authorization: `Bearer ${rig.key}`, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

async function call(...request: Parameters<typeof send>) {
  const reply = await send(...request);
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, body: text === "" ? undefined : parseJson(text) };
}

const code = { zipBase64: handlerZip().toString("base64") };
const deploy = (name: string, settings: object = {}) =>
  call("PUT", `/v1/functions/${name}`, { runtime: "nodejs", handler: "index.handler", code, ...settings });

describe("/v1/snapshots", () => {
  it("makes one on demand, lists, shows and deletes it", async () => {
    expect((await call("GET", "/v1/snapshots")).body).toEqual({ snapshots: [] });
    const built = await call("POST", "/v1/snapshots?wait=true", { function: "hello" });
    const snapshot = {
      id: "hello-1",
      kind: "function",
      functions: ["hello"],
      sizeBytes: 4_096_000,
      workingSetPages: 300,
    };
    expect([built.status, built.body]).toEqual([
      200,
      expect.objectContaining({
        state: "built",
        snapshot: expect.objectContaining(snapshot) as unknown,
      }) as unknown,
    ]);
    expect((await call("GET", "/v1/snapshots")).body).toMatchObject({ snapshots: [snapshot] });
    expect((await call("GET", "/v1/snapshots/hello-1")).body).toMatchObject({
      ...snapshot,
      workingSet: { zeroPages: 20, lastMisses: 4, meanMisses: null, stableShare: 0.9 },
      fileRanges: { ranges: 5, bytes: 65_536 },
      dumpSeconds: 0.08,
      lastRestores: [
        { kind: "prefetch", isPooled: true, latencySeconds: 0.018, faults: 4, prefetchedPages: 300 },
        { faults: null },
      ],
      pageMap: {
        image: [[2, 1024, 1000]],
        workingSet: [
          [2, 1024, 280],
          [2, 5000, 20],
        ],
      },
    });
    expect((await call("DELETE", "/v1/snapshots/hello-1")).status).toBe(204);
    for (const method of ["GET", "DELETE"])
      expect(await call(method, "/v1/snapshots/hello-1")).toMatchObject({
        status: 404,
        body: { code: "not-found", message: containing("frugal snapshot list") },
      });
  });

  it("says at once what will happen where nobody waits", async () => {
    await deploy("careful", { warmUp: { count: 0 } });
    const texts = [];
    for (const name of ["hello", "careful"]) {
      const { status, body } = await call("POST", "/v1/snapshots", { function: name });
      expect([status, body]).toMatchObject([202, { function: name, state: "building" }]);
      texts.push(JSON.stringify(body));
    }
    expect(texts[0]).toContain("executes 5 invocations with its first payloads");
    expect(texts[1]).toContain("executes no invocation");
    expect(rig.snapshots.asked).toEqual(["hello", "careful"]);
  });

  it("tells why there is none", async () => {
    const build = (name = "hello") => call("POST", "/v1/snapshots?wait=true", { function: name });
    expect(await build("other")).toMatchObject({ status: 404, body: { code: "function-not-found" } });
    await deploy("plain", { snapshot: "off" });
    expect(await build("plain")).toMatchObject({
      status: 409,
      body: { code: "snapshot-failed", message: containing("snapshot: prefetch") },
    });
    expect(rig.snapshots.asked).toEqual([]);
    rig.snapshots.outcome = { kind: "failed", reason: "it holds a connection to 10.0.0.1:5432" };
    expect(await build()).toMatchObject({ status: 409, body: { message: containing("10.0.0.1:5432") } });
    rig.snapshots.outcome = { kind: "stopped" };
    expect(await build()).toMatchObject({ status: 409, body: { message: containing("Try again") } });
    rig.snapshots.reason = "criu is not installed. Run frugal setup.";
    expect(await build()).toMatchObject({
      body: { code: "host-unsupported", message: containing("criu is not installed") },
    });
    expect((await call("POST", "/v1/snapshots", { name: "hello" })).status).toBe(400);
    expect((await call("POST", "/v1/snapshots?wait=yes", { function: "hello" })).status).toBe(400);
  });
});

describe("x-frugal-start", () => {
  const invoke = (wish: string, query = "") =>
    call("POST", `/v1/functions/hello/invocations${query}`, {}, { "x-frugal-start": wish });

  it("passes the wish on, and tells how the instance came to be", async () => {
    const kinds = [];
    for (const wish of ["boot", "eager", "lazy", "prefetch", "pooled"]) {
      const { headers, body } = await invoke(wish);
      kinds.push(headers.get("x-frugal-start-kind"));
      expect(body).toMatchObject({ start: "cold", startKind: kinds.at(-1) });
    }
    expect(kinds).toEqual(["boot", "eager", "lazy", "prefetch", "prefetch"]);
    expect(rig.platform.wishes.map((wish) => wish?.pooled)).toEqual([false, false, false, false, true]);
    expect((await invoke("lazy")).body).toMatchObject({
      startPhases: { unitSeconds: 0.01, restoreSeconds: 0.015, runtimeSeconds: 0.02, initSeconds: 0.03 },
    });
  });

  it("refuses what it does not know, and wishes that nobody waits for", async () => {
    for (const wish of ["fast", "phase", "toString", "boot, lazy"])
      expect(await invoke(wish)).toMatchObject({
        status: 400,
        body: { code: "invalid-request", message: containing("boot, eager, lazy, prefetch, pooled") },
      });
    expect((await invoke("boot", "?mode=async")).status).toBe(400);
    expect(rig.platform.invoked).toEqual([]);
  });

  it("is silent about warm starts", async () => {
    const { headers, body } = await call("POST", "/v1/functions/hello/invocations", {});
    expect(headers.get("x-frugal-start-kind")).toBeNull();
    expect(body).not.toHaveProperty("startKind");
  });
});
