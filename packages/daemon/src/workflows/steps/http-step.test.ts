/**
 * HTTP calls as steps of runs, against a real server.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WorkflowRig } from "../../../test/workflow-rig.ts";

let rig: WorkflowRig;

beforeEach(() => {
  rig = new WorkflowRig();
});
afterEach(() => {
  rig.close();
});

const standard = "https://serverlessworkflow.io/spec/1.0.0/errors/";

describe("HTTP calls", () => {
  let server: Server;
  let url: string;
  const seen: {
    method?: string | undefined;
    url?: string | undefined;
    type?: string | undefined;
    authorization?: string;
    body: string;
  }[] = [];

  beforeEach(async () => {
    seen.length = 0;
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method, headers } = request;
        seen.push({
          method,
          url: request.url,
          type: headers["content-type"],
          ...(headers.authorization === undefined ? {} : { authorization: headers.authorization }),
          body: Buffer.concat(chunks).toString(),
        });
        if (request.url === "/moved") response.writeHead(302, { location: "/pets/2" }).end();
        else if (request.url === "/gone") response.writeHead(404).end("no such pet");
        else if (request.url === "/silent") return;
        else if (request.url === "/large") response.end("x".repeat(4096));
        else response.setHeader("content-type", "application/json").end('{"name":"Rex"}');
      });
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Executes one call, however long its answer takes to come over the loopback. */
  async function callOnce(
    args: Record<string, unknown>,
  ): Promise<NonNullable<Awaited<ReturnType<typeof rig.execute>>["ending"]>> {
    await rig.deploy("a/calls", [{ h: { call: "http", with: { method: "get", ...args } } }]);
    const run = await rig.start("a/calls");
    for (;;) {
      const { ending } = await rig.settled(run);
      if (ending !== undefined) return ending;
    }
  }

  it("give the body, the bytes or the whole response", async () => {
    expect((await callOnce({ endpoint: `${url}/pets/1` })).output).toEqual({ name: "Rex" });
    expect((await callOnce({ endpoint: `${url}/pets/1`, output: "raw" })).output).toBe(
      Buffer.from('{"name":"Rex"}').toString("base64"),
    );
    expect((await callOnce({ endpoint: `${url}/pets/1`, output: "response" })).output).toMatchObject({
      statusCode: 200,
      headers: { "content-type": "application/json" },
      content: { name: "Rex" },
    });
    await callOnce({ method: "post", endpoint: `${url}/pets`, body: { name: "Rex" } });
    expect(seen.at(-1)).toEqual({
      method: "POST",
      url: "/pets",
      type: "application/json",
      body: '{"name":"Rex"}',
    });
  });

  it("follow redirects where they are told to, and fault with them elsewhere", async () => {
    expect((await callOnce({ endpoint: `${url}/moved`, redirect: true })).output).toEqual({ name: "Rex" });
    expect((await callOnce({ endpoint: `${url}/moved` })).fault).toMatchObject({ status: 302 });
  });

  it("tell nobody of credentials", async () => {
    const authentication = { bearer: { token: "sesame" } };
    const outcomes = [
      await callOnce({ endpoint: { uri: `${url}/pets`, authentication }, output: "response" }),
      await callOnce({ endpoint: url.replace("//", "//ali:sesame@") }),
      await callOnce({ endpoint: url, headers: { "x-key": "sesame\n" }, method: "put", body: "sesame" }),
      await callOnce({ endpoint: url, headers: { authorization: "sesame\nx" } }),
    ];
    expect(seen[0]).toMatchObject({ authorization: "Bearer sesame" });
    expect(outcomes[0]?.output).toMatchObject({ request: { method: "GET", headers: {} } });
    expect(outcomes[1]?.fault).toMatchObject({ type: `${standard}configuration`, status: 400 });
    expect(outcomes[3]?.fault?.detail).toContain('the header "authorization"');
    const told = rig.workflows.runner
      .list({ limit: 10 })
      .map(({ id }) => [rig.workflows.runner.stages(id), rig.workflows.runner.events(id)]);
    expect(JSON.stringify([outcomes, told])).not.toContain("sesame");
  });

  it.each([
    { method: "get", body: { a: 1 } },
    { method: "TRACE" },
    { method: "no method" },
    { endpoint: "http://[" },
  ])("fault where there is no such request: %j", async (args) => {
    expect((await callOnce({ endpoint: url, ...args })).fault).toMatchObject({
      type: `${standard}configuration`,
      status: 400,
    });
    expect(seen).toEqual([]);
  });

  it("fault with the status of the answer, and where there is none", async () => {
    expect((await callOnce({ endpoint: `${url}/gone` })).fault).toMatchObject({
      type: `${standard}communication`,
      status: 404,
      detail: `GET ${url}/gone answered 404: no such pet`,
    });
    expect((await callOnce({ endpoint: "http://127.0.0.1:1/x?secret=1" })).fault).toMatchObject({
      type: `${standard}communication`,
      status: 503,
      detail: expect.stringMatching(/^GET http:\/\/127\.0\.0\.1:1\/x: (?!.*secret)/) as unknown,
    });
  });

  it("are cut off when they take too long or answer too much", async () => {
    rig.close();
    rig = new WorkflowRig({ httpSeconds: 5, httpBytes: 1000 });
    expect((await callOnce({ endpoint: `${url}/large` })).fault).toMatchObject({ status: 413 });
    await rig.deploy("a/silent", [
      { h: { call: "http", with: { method: "get", endpoint: `${url}/silent` } } },
    ]);
    const run = await rig.start("a/silent");
    await rig.settled(run);
    rig.clock.advance(5);
    expect((await rig.settled(run)).ending?.fault).toMatchObject({ status: 504 });
  });
});
