/**
 * Frugal's own API over real HTTP.
 */
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { seconds } from "@frugal/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DaemonRig, startRig, temporaryFolder } from "../../../test/daemon-rig.ts";
import { success } from "../../../test/fake-platform.ts";
import { handlerZip } from "../../../test/zip-archive.ts";
import { at, containing, matching, parseJson } from "../../../test/matchers.ts";

let rig: DaemonRig;

beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig.close());

const code = { zipBase64: handlerZip().toString("base64") };
const least = { runtime: "nodejs", handler: "index.handler", code };

const send = (method: string, path: string, body?: string | Buffer<ArrayBuffer>): Promise<Response> =>
  fetch(rig.url + path, {
    method,
    headers: { authorization: `Bearer ${rig.key}` },
    ...(body === undefined ? {} : { body }),
  });

async function call(method: string, path: string, body?: unknown) {
  const reply = await send(method, path, body === undefined ? undefined : JSON.stringify(body));
  const text = await reply.text();
  return {
    status: reply.status,
    headers: reply.headers,
    text,
    body: text === "" ? undefined : parseJson(text),
  };
}

const keysOf = (value: unknown): readonly string[] =>
  typeof value === "object" && value !== null ? Object.keys(value).sort() : [];

const put = (name = "hello", settings: object = {}) =>
  call("PUT", `/v1/functions/${name}`, { ...least, ...settings });

describe("/v1/functions", () => {
  it("creates, shows, replaces, lists and deletes", async () => {
    const created = await put("hello", { memoryMiB: 512, environment: { A: "1" } });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      function: {
        name: "hello",
        arn: "arn:aws:lambda:frugal:000000000000:function:hello",
        runtime: "nodejs",
        memoryMiB: 512,
        timeoutSeconds: 3,
        environment: { A: "1" },
        network: { kind: "egress", allow: [] },
        codeSizeBytes: handlerZip().length,
      },
      statistics: {
        instances: { starting: 0, idle: 1, busy: 0 },
        cpuSeconds: 0.5,
        energy: { kind: "energy", quality: "estimated" },
      },
    });
    const replaced = await call("PUT", "/v1/functions/hello", {
      runtime: "nodejs",
      handler: "index.handler",
      concurrency: 4,
    });
    expect(replaced.status).toBe(200);
    expect(at(replaced.body, "function")).toMatchObject({ memoryMiB: 256, environment: {}, concurrency: 4 });
    expect((await call("GET", "/v1/functions/hello")).body).toEqual(replaced.body);
    await put("another");
    const list = await call("GET", "/v1/functions/");
    expect(list.body).toMatchObject({
      functions: [{ function: { name: "another" } }, { function: { name: "hello" } }],
    });
    rig.logs.append("hello", undefined, "stdout", "text");
    expect((await call("DELETE", "/v1/functions/hello")).status).toBe(204);
    expect((await call("GET", "/v1/functions/hello")).body).toMatchObject({ code: "function-not-found" });
    expect(await rig.logs.read("hello", 10)).toEqual([]);
  });

  it("answers bad input with one clear error, and changes nothing (I8)", async () => {
    for (const [body, problem] of [
      [{ ...least, memory: 5 }, /unknown: memory; known: runtime, handler/],
      [{ ...least, memoryMiB: "5", timeoutSeconds: -1 }, /memoryMiB: .*timeoutSeconds: /],
      [{ ...least, code: { zipBase64: "***" } }, /not base64/],
      [{ ...least, code: { zipBase64: "aGVsbG8=" } }, /complete zip file/],
      [{ runtime: "nodejs", handler: "index.handler" }, /needs code/],
    ] as const) {
      const reply = await call("PUT", "/v1/functions/hello", body);
      expect(reply.status).toBe(400);
      expect(reply.body).toMatchObject({
        code: matching(/^invalid-/),
        message: matching(problem),
        details: {},
      });
    }
    expect((await send("PUT", "/v1/functions/hello", "{nonsense")).status).toBe(400);
    expect((await call("PUT", "/v1/functions/he%20llo", least)).body).toMatchObject({
      code: "invalid-request",
    });
    expect(rig.store.list()).toEqual([]);
    expect(rig.platform.deployed.size).toBe(0);
  });

  it("keeps everything across a restart", async () => {
    const dataDirectory = temporaryFolder();
    const first = await startRig({ dataDirectory });
    const answer = await fetch(`${first.url}/v1/functions/hello`, {
      method: "PUT",
      headers: { authorization: `Bearer ${first.key}` },
      body: JSON.stringify(least),
    });
    const before = parseJson(await answer.text());
    await first.close("kept");
    const second = await startRig({ dataDirectory });
    expect(second.key).toBe(first.key);
    expect(second.platform.deployed.get("hello")?.revision).toBe(at(before, "function", "revision"));
    await second.close();
  });
});

describe("/v1 invocations", () => {
  beforeEach(() => put());

  it("answers with the result as it came and all that is known", async () => {
    rig.platform.start = "cold";
    const exact = '{"big":12345678901234567890,"text":"ü"}';
    const reply = await send("POST", "/v1/functions/hello/invocations?log=tail", exact);
    const text = await reply.text();
    expect(text).toContain(`"result":${exact}}`);
    expect(parseJson(text)).toMatchObject({
      requestId: rig.platform.invoked[0]?.requestId,
      function: "hello",
      state: "succeeded",
      start: "cold",
      startPhases: { unitSeconds: 0.01, runtimeSeconds: 0.02, initSeconds: 0.03 },
      waitSeconds: 0.0015,
      durationSeconds: 0.0125,
      energy: {
        kind: "energy",
        joules: 0.25,
        source: "model",
        quality: "estimated",
        intervalSeconds: 0.0125,
      },
      log: matching(/^START.*\nEND/),
    });
  });

  it("makes a string of a result that is no JSON", async () => {
    rig.platform.behave("hello", (_request, done) =>
      done({ kind: "success", payload: Buffer.from("<p>"), cpu: undefined, pageFaults: undefined }),
    );
    expect((await call("POST", "/v1/functions/hello/invocations")).body).toMatchObject({ result: "<p>" });
  });

  it("tells failures of the function from refusals of the platform", async () => {
    rig.platform.behave("hello", (_request, done) =>
      done({ kind: "lost", error: { code: "out-of-memory", message: "used more than 256 MiB" } }),
    );
    const failed = await call("POST", "/v1/functions/hello/invocations", {});
    expect(failed.status).toBe(200);
    expect(failed.body).toMatchObject({ state: "failed", error: { errorType: "Runtime.OutOfMemory" } });
    rig.platform.behave("hello", (call, done) =>
      done({
        kind: "refused",
        requestId: call.requestId,
        error: { code: "overloaded", message: "busy", details: { waiting: 3 } },
        retryAfter: seconds(2),
      }),
    );
    const refused = await call("POST", "/v1/functions/hello/invocations", {});
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("2");
    expect(refused.body).toEqual({
      code: "overloaded",
      message: "busy",
      details: { waiting: 3, retryAfterSeconds: 2 },
    });
  });

  it("accepts asynchronous ones and shows their state and result", async () => {
    let finish = (): void => undefined;
    const isRunning = new Promise<void>((resolve) => {
      rig.platform.behave("hello", (_request, done) => {
        finish = () => done(success({ answer: 42 }));
        resolve();
      });
    });
    const accepted = await call("POST", "/v1/functions/hello/invocations?mode=async", { a: 1 });
    expect(accepted.status).toBe(202);
    const path = `/v1/invocations/${String(at(accepted.body, "requestId"))}`;
    await isRunning;
    expect((await call("GET", path)).body).toMatchObject({ state: "running", attempts: 1 });
    finish();
    await expect.poll(async () => at((await call("GET", path)).body, "state")).toBe("succeeded");
    expect((await call("GET", path)).body).toMatchObject({
      result: { answer: 42 },
      durationSeconds: 0.0125,
      function: "hello",
    });
    expect((await call("GET", "/v1/invocations/unknown")).body).toMatchObject({ code: "not-found" });
    expect(at((await call("GET", "/v1/statistics")).body, "asyncQueue")).toEqual({ queued: 0, running: 0 });
  });

  it("refuses unknown modes and large or broken payloads", async () => {
    const path = "/v1/functions/hello/invocations";
    expect((await call("POST", `${path}?mode=later`, {})).status).toBe(400);
    expect(at((await call("POST", `${path}?mod=async`, {})).body, "message")).toMatch(/known: mode, log/);
    expect((await send("POST", path, "{")).status).toBe(400);
    expect((await send("POST", path, Buffer.alloc(6_291_457, " "))).status).toBe(413);
    expect((await send("POST", `${path}?mode=async`, JSON.stringify("x".repeat(1024 ** 2)))).status).toBe(
      413,
    );
    expect((await call("POST", "/v1/functions/nobody/invocations", {})).status).toBe(404);
    expect(rig.platform.invocations).toBe(0);
  });
});

describe("/v1 logs", () => {
  beforeEach(() => put());

  it("gives the past as NDJSON, with the platform's reports as text", async () => {
    rig.platform.behave("hello", (call, done) => {
      rig.logs.append("hello", call.requestId, "stdout", "from inside");
      done(success(1));
    });
    await call("POST", "/v1/functions/hello/invocations", {});
    const reply = await send("GET", "/v1/functions/hello/logs?lines=2");
    expect(reply.headers.get("content-type")).toMatch(/^application\/x-ndjson/);
    const [output, report] = (await reply.text()).trim().split("\n").map(parseJson);
    expect(output).toMatchObject({
      stream: "stdout",
      text: "from inside",
      requestId: at(report, "requestId"),
    });
    expect(report).toMatchObject({
      stream: "platform",
      text: containing("REPORT"),
      report: { joules: 0.25, outcome: "success" },
    });
  });

  it("sends what is new to a follower, until the server closes", async () => {
    rig.logs.append("hello", undefined, "stdout", "old");
    const reply = await send("GET", "/v1/functions/hello/logs?follow=true");
    const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader();
    const next = async (): Promise<unknown> => parseJson((await reader?.read())?.value ?? "null");
    expect(await next()).toMatchObject({ text: "old" });
    rig.logs.append("hello", undefined, "stdout", "new");
    expect(await next()).toMatchObject({ text: "new" });
    const closing = rig.server.close();
    expect((await reader?.read())?.done).toBe(true);
    await closing;
  });
});

describe("the server", () => {
  it("describes itself in OpenAPI, every route and every setting", async () => {
    const { body, text } = await call("GET", "/v1/openapi.json");
    // A schema's own definitions would be looked for in the document.
    expect(text).not.toContain("#/$defs");
    expect(at(body, "openapi")).toBe("3.1.0");
    expect(keysOf(at(body, "paths"))).toEqual([
      "/v1/energy",
      "/v1/events",
      "/v1/functions",
      "/v1/functions/{name}",
      "/v1/functions/{name}/invocations",
      "/v1/functions/{name}/logs",
      "/v1/host",
      "/v1/invocations/{id}",
      "/v1/node",
      "/v1/node/clocks",
      "/v1/runs",
      "/v1/runs/{id}",
      "/v1/runs/{id}/cancel",
      "/v1/runs/{id}/events",
      "/v1/snapshots",
      "/v1/snapshots/{id}",
      "/v1/statistics",
      "/v1/workflows",
      "/v1/workflows/{namespace}/{name}",
      "/v1/workflows/{namespace}/{name}/plan",
      "/v1/workflows/{namespace}/{name}/runs",
    ]);
    const put = at(body, "paths", "/v1/functions/{name}", "put");
    const settings = at(put, "requestBody", "content", "application/json", "schema");
    expect(at(settings, "properties", "memoryMiB")).toMatchObject({ minimum: 128, maximum: 10240 });
    expect(at(settings, "additionalProperties")).toBe(false);
  });

  it("shows energy, host and statistics", async () => {
    await put();
    expect((await call("GET", "/v1/energy")).body).toMatchObject({
      total: {
        kind: "energy",
        joules: 10,
        source: "model",
        quality: "estimated",
        intervalSeconds: 0.0125,
        detail: "a test's model",
      },
      idle: { joules: 6, staticJoules: 5, otherProcessesJoules: 1 },
      functionsJoules: 4,
      functions: [{ name: "hello", energy: { joules: 0.25 } }],
    });
    expect((await call("GET", "/v1/host")).body).toEqual({ facts: [] });
    expect((await call("GET", "/v1/statistics")).body).toMatchObject({
      functions: [{ name: "hello", waiting: 0 }],
      droppedLogRecords: 0,
    });
    expect(await (await send("GET", "/metrics")).text()).toContain("frugal_machine_joules_total");
  });

  it("asks everybody for the key but those who ask for its health", async () => {
    expect(await (await fetch(`${rig.url}/healthz`)).json()).toEqual({ status: "ok" });
    expect((await fetch(`${rig.url}/readyz`)).status).toBe(200);
    for (const path of [
      "/v1/functions",
      "/metrics",
      "/v1/openapi.json",
      "/nowhere",
      "/healthz/../v1/host",
      "/2015-03-31/functions/",
    ]) {
      const reply = await fetch(rig.url + path);
      expect(reply.status).toBe(403);
      expect(JSON.stringify(await reply.json())).toContain("api-key");
    }
    expect(
      (await fetch(`${rig.url}/2015-03-31/functions/hello/invocations`, { method: "POST" })).status,
    ).toBe(403);
  });

  it("needs no key where it was started without", async () => {
    const open = await startRig({ auth: false });
    expect((await fetch(`${open.url}/v1/functions`)).status).toBe(200);
    await open.close();
  });

  it("says what does not exist", async () => {
    expect((await call("GET", "/v2/x")).body).toMatchObject({
      code: "not-found",
      message: containing("openapi.json"),
    });
    expect((await call("PATCH", "/v1/functions")).status).toBe(404);
    expect((await send("GET", "/v1/functions/%zz")).status).toBe(400);
  });

  it("lets running requests finish when it closes, and takes no more", async () => {
    await put();
    let finish = (): void => undefined;
    const isRunning = new Promise<void>((resolve) => {
      rig.platform.behave("hello", (_request, done) => {
        finish = () => done(success("finished"));
        resolve();
      });
    });
    const reply = call("POST", "/2015-03-31/functions/hello/invocations", {});
    await isRunning;
    rig.server.drain();
    expect((await fetch(`${rig.url}/readyz`)).status).toBe(503);
    const closed = rig.server.close();
    await expect(fetch(`${rig.url}/healthz`)).rejects.toThrow();
    finish();
    expect((await reply).body).toBe("finished");
    await closed;
  });

  it("does not wait for a client that never sends the rest of its request", async () => {
    const slow = connect(Number(new URL(rig.url).port), "127.0.0.1");
    const ended = once(slow, "close");
    slow.on("error", () => undefined);
    // The answer shows that the server has read what was sent, the half request included.
    slow.write("GET /healthz HTTP/1.1\r\nHost: here\r\n\r\nPOST /v1/functions HTTP/1.1\r\nHost: he");
    await once(slow, "data");
    await rig.server.close(seconds(0));
    await ended;
  });

  it("survives a client that breaks off in the middle of a body", async () => {
    await put();
    const broken = request(`${rig.url}/2015-03-31/functions/hello/invocations`, {
      method: "POST",
      headers: { authorization: `Bearer ${rig.key}`, "content-length": 100 },
    });
    const failed = new Promise((resolve) => broken.on("error", resolve));
    broken.write("{");
    broken.destroy();
    await failed;
    expect((await call("POST", "/2015-03-31/functions/hello/invocations", {})).status).toBe(200);
    expect(rig.platform.invocations).toBe(1);
  });

  it("says what is wrong with an address it cannot have", async () => {
    const taken = Number(new URL(rig.url).port);
    await expect(startRig({ port: taken })).rejects.toMatchObject({
      message: matching(/Cannot listen on 127.0.0.1:\d+: .*EADDRINUSE/),
    });
  });

  it("answers 507 where the disk is full, and changes nothing", async () => {
    await put();
    rig.database.exec("PRAGMA max_page_count = 1");
    const environment = { LARGE: "x".repeat(4000) };
    let reply = await put("hello", { environment });
    for (let i = 0; i < 5 && reply.status < 300; i++) reply = await put(`more${i}`, { environment });
    expect(reply.status).toBe(507);
    expect(reply.body).toMatchObject({
      code: "storage-failed",
      message: containing("disk is full"),
    });
    const event = {
      method: "POST",
      headers: { authorization: `Bearer ${rig.key}`, "x-amz-invocation-type": "Event" },
    };
    const refused = await fetch(`${rig.url}/2015-03-31/functions/hello/invocations`, {
      ...event,
      body: JSON.stringify("x".repeat(9000)),
    });
    expect(refused.status).toBe(507);
    expect(rig.queue.counts()).toEqual({ queued: 0, running: 0 });
  });
});
