/**
 * Workflows, runs and events over real HTTP.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DaemonRig, startRig } from "../../../../test/daemon-rig.ts";
import { at, matching, parseJson } from "../../../../test/matchers.ts";
import { handlerZip } from "../../../../test/zip-archive.ts";

let rig: DaemonRig;

beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig.close());

async function call(method: string, path: string, body?: unknown) {
  const reply = await fetch(rig.url + path, {
    method,
    headers: { authorization: `Bearer ${rig.key}` },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await reply.text();
  return { status: reply.status, body: text === "" ? undefined : parseJson(text) };
}

const yaml = (name: string, tasks: string, metadata = "{}"): string =>
  `document: {dsl: 1.0.0, namespace: shop, name: ${name}, version: 0.1.0, metadata: ${metadata}}\ndo:\n${tasks}`;
const order = yaml("order", "  - pay:\n      call: pay\n      with: {sum: '${ .sum }'}\n", "{deadline: 2}");

describe("/v1/workflows", () => {
  it("creates, replaces, shows, lists and deletes", async () => {
    const created = await call("PUT", "/v1/workflows/shop/order", order);
    expect(created).toMatchObject({
      status: 201,
      body: {
        namespace: "shop",
        name: "order",
        version: "0.1.0",
        title: null,
        durable: true,
        deadlineSeconds: 2,
        quantile: 0.95,
        runs: { running: 0, completed: 0, faulted: 0, cancelled: 0 },
        warnings: [matching(/^Function pay is not deployed/)],
      },
    });
    const code = { zipBase64: handlerZip().toString("base64") };
    await call("PUT", "/v1/functions/pay", { runtime: "nodejs", handler: "index.handler", code });
    expect(await call("PUT", "/v1/workflows/shop/order", order)).toMatchObject({
      status: 200,
      body: { warnings: [] },
    });
    await call("POST", "/v1/workflows/shop/order/runs?wait=5", { sum: 3 });
    expect((await call("GET", "/v1/workflows/shop/order")).body).toMatchObject({
      runs: { completed: 1 },
      definition: { document: { name: "order" }, do: [{ pay: { call: "pay" } }] },
      graph: { stages: [{ name: "/do/0/pay", function: "pay", repeats: 1, visits: 1 }], edges: [] },
      history: {
        runs: 1,
        stages: [{ task: "/do/0/pay", visits: 1, meanLatencySeconds: expect.any(Number) as unknown }],
      },
    });
    expect((await call("GET", "/v1/workflows")).body).toMatchObject({ workflows: [{ name: "order" }] });
    expect((await call("DELETE", "/v1/workflows/shop/order")).status).toBe(204);
    expect(await call("GET", "/v1/workflows/shop/order")).toMatchObject({
      status: 404,
      body: { code: "workflow-not-found" },
    });
    expect(rig.platform.paced.at(-1)).toEqual({ kind: "workflow-removed", workflow: "shop/order" });
  });

  it("refuses what it cannot run, with every problem, and changes nothing (I8)", async () => {
    const broken = yaml("order", "  - a: {cal: pay}\n  - b: {set: {x: '${ .a | }'}}\n", "{deadline: -1}");
    expect(await call("PUT", "/v1/workflows/shop/order", broken)).toMatchObject({
      status: 400,
      body: {
        code: "invalid-workflow",
        details: {
          problems: [
            matching(/^\/do\/0\/a is no task/),
            matching(/^\/document\/metadata\/deadline/),
            matching(/^\/do\/1\/b\/set\/x: the expression cannot be read: syntax error/),
          ],
        },
      },
    });
    expect(await call("PUT", "/v1/workflows/shop/other", order)).toMatchObject({
      status: 400,
      body: { message: matching(/defines shop\/order, not shop\/other/) },
    });
    expect(await call("PUT", "/v1/workflows/Shop/order", order)).toMatchObject({ status: 400 });
    expect(await call("PUT", "/v1/workflows/shop/order")).toMatchObject({ status: 400 });
    expect((await call("GET", "/v1/workflows")).body).toEqual({ workflows: [] });
  });

  it("asks for the API key", async () => {
    expect((await fetch(`${rig.url}/v1/workflows`)).status).toBe(403);
  });
});

describe("/v1/runs", () => {
  it("starts a run and waits for its end, or answers at once", async () => {
    await call("PUT", "/v1/workflows/shop/order", order);
    const done = await call("POST", "/v1/workflows/shop/order/runs?wait=5", { sum: 3 });
    expect(done).toMatchObject({
      status: 200,
      body: {
        workflow: "shop/order",
        status: "completed",
        input: { sum: 3 },
        output: { sum: 3 },
        fault: null,
        deadlineSeconds: 2,
        joules: 0.25,
        energy: { joules: 0.25, source: "model", quality: "estimated" },
        stages: [
          {
            task: "/do/0/pay",
            kind: "invoke",
            function: "pay",
            startKind: "warm",
            clocks: "unpaced",
            error: null,
          },
        ],
      },
    });
    const pending: (() => void)[] = [];
    rig.platform.behave("pay", (request, finish) =>
      pending.push(() =>
        finish({ kind: "success", payload: request.payload, cpu: undefined, pageFaults: undefined }),
      ),
    );
    const started = await call("POST", "/v1/workflows/shop/order/runs");
    expect(started).toMatchObject({
      status: 202,
      body: { status: "running", input: {}, endedAt: null, stages: [] },
    });
    const id = String(at(started.body, "id"));
    expect((await call("GET", `/v1/runs/${id}`)).body).toMatchObject({ id, status: "running" });
    expect((await call("GET", "/v1/runs?status=running&workflow=shop/order&limit=5")).body).toMatchObject({
      runs: [{ id }],
    });
    expect(at((await call("GET", "/v1/runs")).body, "runs")).toHaveLength(2);
    const listed = at((await call("GET", "/v1/runs")).body, "runs");
    expect(Array.isArray(listed) && Object.keys(listed[0] as object)).not.toEqual(
      expect.arrayContaining(["input"]),
    );
    for (let time = 0; time < 2; time++)
      expect(await call("POST", `/v1/runs/${id}/cancel`)).toMatchObject({
        status: 202,
        body: { status: "cancelled" },
      });
    const events = at((await call("GET", `/v1/runs/${id}/events`)).body, "events");
    expect(Array.isArray(events) && at(events.at(-1), "type")).toBe(
      "io.serverlessworkflow.workflow.cancelled.v1",
    );
  });

  it("lets events from outside through, and refuses what is none", async () => {
    await call(
      "PUT",
      "/v1/workflows/shop/waits",
      yaml("waits", "  - l: {listen: {to: {one: {with: {type: paid}}}}}\n"),
    );
    const run = call("POST", "/v1/workflows/shop/waits/runs?wait=30");
    let listening: unknown;
    while (!Array.isArray(listening) || listening.length === 0)
      listening = at((await call("GET", "/v1/runs?status=running")).body, "runs");
    const event = { specversion: "1.0", id: "1", source: "/bank", type: "paid", data: { sum: 3 } };
    expect((await call("POST", "/v1/events", event)).status).toBe(202);
    expect(await run).toMatchObject({ status: 200, body: { output: [{ sum: 3 }] } });
    expect(await call("POST", "/v1/events", { type: "paid" })).toMatchObject({ status: 400 });
  });

  it("answers unknown runs and bad questions", async () => {
    expect(await call("GET", "/v1/runs/nobody")).toMatchObject({
      status: 404,
      body: { code: "run-not-found" },
    });
    expect((await call("POST", "/v1/runs/nobody/cancel")).status).toBe(404);
    expect((await call("POST", "/v1/workflows/shop/nobody/runs")).status).toBe(404);
    expect((await call("GET", "/v1/runs?status=lost")).status).toBe(400);
    expect((await call("GET", "/v1/runs?workflow=x")).status).toBe(400);
    await call("PUT", "/v1/workflows/shop/order", order);
    expect((await call("POST", "/v1/workflows/shop/order/runs?wait=soon")).status).toBe(400);
    expect((await call("POST", "/v1/workflows/shop/order/runs", "{")).status).toBe(400);
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    expect((await call("POST", "/v1/workflows/shop/order/runs", deep)).body).toMatchObject({
      code: "invalid-request",
      message: expect.stringContaining("nested deeper than 256 levels") as unknown,
    });
    expect((await call("POST", "/v1/events", deep)).status).toBe(400);
  });

  it("shows in the metrics and in the API's description", async () => {
    await call("PUT", "/v1/workflows/shop/order", order);
    await call("POST", "/v1/workflows/shop/order/runs?wait=5", { sum: 3 });
    const reply = await fetch(`${rig.url}/metrics`, { headers: { authorization: `Bearer ${rig.key}` } });
    const metrics = await reply.text();
    expect(metrics).toContain('frugal_workflow_runs_total{workflow="shop/order",status="completed"} 1');
    expect(metrics).toContain('frugal_workflow_stage_seconds_count{workflow="shop/order",kind="invoke"} 1');
    const { body } = await call("GET", "/v1/openapi.json");
    expect(at(body, "paths")).toMatchObject({
      "/v1/workflows/{namespace}/{name}": { put: {}, get: {}, delete: {} },
      "/v1/workflows/{namespace}/{name}/runs": { post: {} },
      "/v1/runs/{id}/events": { get: {} },
      "/v1/events": { post: {} },
    });
  });

  it("posts events to the sink", async () => {
    const taken: unknown[] = [];
    const server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString()));
      request.on("end", () => {
        taken.push(request.headers["content-type"], at(parseJson(text), "type"));
        response.writeHead(202).end();
      });
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    await rig.close();
    const { port } = server.address() as AddressInfo;
    rig = await startRig({ workflows: { eventSink: `http://127.0.0.1:${port}/events` } });
    await call("PUT", "/v1/workflows/shop/order", order);
    await call("POST", "/v1/workflows/shop/order/runs?wait=5", { sum: 3 });
    while (taken.at(-1) !== "io.serverlessworkflow.workflow.completed.v1")
      await new Promise((resolve) => setImmediate(resolve));
    expect(taken[0]).toBe("application/cloudevents+json; charset=utf-8");
    const reply = await fetch(`${rig.url}/metrics`, { headers: { authorization: `Bearer ${rig.key}` } });
    expect(await reply.text()).toContain("frugal_workflow_events_dropped_total 0");
    server.closeAllConnections();
    server.close();
  });
});
