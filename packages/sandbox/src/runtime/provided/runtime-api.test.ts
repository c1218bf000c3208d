import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seconds } from "@frugal/core";
import { unknownUsage } from "../../../test/fake-runtime.ts";
import { FakeUnit } from "../../../test/fake-unit.ts";
import { instanceSpec } from "../../../test/instance-spec.ts";
import type { RuntimeListener } from "../language-runtime.ts";
import { RuntimeApi } from "./runtime-api.ts";

interface Reply {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const kinds = "started ready initFailed succeeded failed hungUp broken quiesced resumed hookFailed".split(
  " ",
);
const PREFIX = "/2018-06-01/runtime/";
const server = createServer();
let heard: unknown[] = [];
let api: RuntimeApi;
let listener: RuntimeListener;

beforeEach(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  heard = [];
  listener = Object.fromEntries(
    kinds.map((name) => [
      name,
      (...values: unknown[]) =>
        heard.push([name, ...values.map((value) => (Buffer.isBuffer(value) ? value.toString() : value))]),
    ]),
  ) as unknown as RuntimeListener;
  api = new RuntimeApi(new FakeUnit(server), instanceSpec({}), listener);
});

afterEach(async () => {
  const closed = once(server, "close");
  api.close();
  server.removeAllListeners("connection");
  await closed;
});

/** One request to the API; `chunks` are the body's, sent apart, and `trailers` follow them. */
async function ask(
  method: string,
  path: string,
  chunks: readonly string[] = [],
  { headers = {}, trailers = {} }: { headers?: OutgoingHttpHeaders; trailers?: Record<string, string> } = {},
): Promise<Reply> {
  const { port } = server.address() as AddressInfo;
  const call = request({ port, method, path: PREFIX + path, headers, agent: false });
  for (const chunk of chunks) call.write(chunk);
  if (Object.keys(trailers).length > 0) call.addTrailers(trailers);
  call.end();
  const [response] = (await once(call, "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode, headers: response.headers, body };
}

const invoke = (requestId = "id-1", clientContext?: string, session = api): void =>
  session.invoke(
    4,
    {
      requestId,
      payload: Buffer.from('{"a":1}'),
      functionArn: "arn:x",
      traceId: "Root=1",
      ...(clientContext !== undefined && { clientContext }),
    },
    seconds(3),
  );

describe("RuntimeApi", () => {
  it("hands out an invocation, whoever comes first, and takes its result", async () => {
    const early = ask("GET", "invocation/next");
    await expect.poll(() => heard).toEqual([["ready", 0]]);
    const before = Date.now();
    invoke();
    const next = await early;
    expect([next.status, next.body]).toEqual([200, '{"a":1}']);
    expect(next.headers).toMatchObject({
      "lambda-runtime-aws-request-id": "id-1",
      "lambda-runtime-invoked-function-arn": "arn:x",
      "lambda-runtime-trace-id": "Root=1",
    });
    expect(Number(next.headers["lambda-runtime-deadline-ms"]) - before).toBeGreaterThanOrEqual(3000);
    expect(await ask("POST", "invocation/id-1/response", ['{"b"', ":2}"])).toMatchObject({
      status: 202,
      body: '{"status":"OK"}',
    });
    invoke("id-2");
    expect((await ask("GET", "invocation/next")).headers["lambda-runtime-aws-request-id"]).toBe("id-2");
    expect(heard).toEqual([
      ["ready", 0],
      ["succeeded", 4, '{"b":2}', unknownUsage],
    ]);
  });

  it("passes the client context as JSON that fits a header", async () => {
    invoke("id-1", Buffer.from('{"who":"ü漢",\n"x":1}').toString("base64"));
    const context = (await ask("GET", "invocation/next")).headers["lambda-runtime-client-context"];
    expect(JSON.parse(String(context))).toEqual({ who: "ü漢", x: 1 });
  });

  it("takes errors, whatever their form", async () => {
    const type = { "Lambda-Runtime-Function-Error-Type": "Header.Type" };
    const cases: [string, string[], Parameters<typeof ask>[3], string, string][] = [
      ["error", ['{"errorType":"T","errorMessage":"m"}'], { headers: type }, "T", "m"],
      ["error", ['{"errorMessage":"m"}'], { headers: type }, "Header.Type", "m"],
      ["error", ["no json"], {}, "Runtime.Unknown", "The runtime reported an error without a message"],
      [
        "response",
        ['{"half":'],
        {
          headers: { Trailer: "Lambda-Runtime-Function-Error-Type" },
          trailers: {
            "Lambda-Runtime-Function-Error-Type": "Late",
            "Lambda-Runtime-Function-Error-Body": Buffer.from('{"errorMessage":"m"}').toString("base64"),
          },
        },
        "Late",
        "m",
      ],
    ];
    for (const [kind, chunks, options, errorType, errorMessage] of cases) {
      invoke();
      await ask("GET", "invocation/next");
      expect((await ask("POST", `invocation/id-1/${kind}`, chunks, options)).status).toBe(202);
      expect(heard.at(-1)).toEqual(["failed", 4, { errorType, errorMessage }, unknownUsage]);
    }
  });

  it("refuses a result over the limit, as an error of the function", async () => {
    invoke();
    await ask("GET", "invocation/next");
    const reply = await ask("POST", "invocation/id-1/response", Array(7).fill("x".repeat(1_000_000)));
    expect(reply.status).toBe(413);
    expect(JSON.parse(reply.body)).toMatchObject({ errorType: "RequestEntityTooLarge" });
    expect(heard.at(-1)).toMatchObject([
      "failed",
      4,
      { errorType: "Function.ResponseSizeTooLarge" },
      unknownUsage,
    ]);
  });

  it("refuses what does not fit its state", async () => {
    const tried = async (method: string, path: string) => {
      const reply = await ask(method, path, method === "POST" ? ["{}"] : []);
      return [reply.status, (JSON.parse(reply.body) as { errorType: string }).errorType];
    };
    expect(await tried("POST", "invocation/id-1/response")).toEqual([400, "InvalidRequestID"]);
    invoke();
    expect(await tried("POST", "invocation/id-1/response")).toEqual([400, "InvalidRequestID"]);
    await ask("GET", "invocation/next");
    expect(await tried("GET", "invocation/next")).toEqual([403, "InvalidStateTransition"]);
    expect(await tried("POST", "invocation/other/error")).toEqual([400, "InvalidRequestID"]);
    expect(await tried("POST", "init/error")).toEqual([403, "InvalidStateTransition"]);
    expect(await tried("GET", "nothing")).toEqual([404, "NotFound"]);
    await ask("POST", "invocation/id-1/response", ["1"]);
    expect(await tried("POST", "invocation/id-1/response")).toEqual([400, "InvalidRequestID"]);
    expect(heard.map((event) => (event as string[])[0])).toEqual(["ready", "succeeded"]);
  });

  it("reports a failed initialisation once the runtime has its answer", async () => {
    const reply = await ask("POST", "init/error", ['{"errorType":"Init","errorMessage":"no"}']);
    expect([reply.status, reply.body]).toEqual([202, '{"status":"OK"}']);
    await expect.poll(() => heard).toEqual([["initFailed", { errorType: "Init", errorMessage: "no" }]]);
  });

  it("is at rest when it waits for an invocation, and says on which connection", async () => {
    api.quiesce();
    expect(api.unanswered).toBeUndefined();
    const headers = { Host: "api:9001", Connection: "keep-alive", "User-Agent": "x" };
    const waiting = ask("GET", "invocation/next", [], { headers });
    await expect
      .poll(() => heard)
      .toEqual([
        ["ready", 0],
        ["quiesced", 0],
      ]);
    expect(api.unanswered).toEqual({
      port: expect.any(Number) as number,
      head: `GET ${PREFIX}invocation/next HTTP/1.1\r\nHost: api:9001\r\nConnection: keep-alive\r\n\r\n`,
    });
    api.quiesce();
    await expect.poll(() => heard.length).toBe(3);
    invoke();
    await waiting;
    expect(api.unanswered).toBeUndefined();
  });

  it("goes on with the connections of its image", async () => {
    const other = createServer();
    const accepted = once(other, "connection");
    await once(other.listen(0, "127.0.0.1"), "listening");
    const client = connect((other.address() as AddressInfo).port, "127.0.0.1");
    const [end] = (await accepted) as [Socket];
    other.close();
    const said: string[] = [];
    client.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    client.write(`GET ${PREFIX}invocation/next HTTP/1.1\r\nHost: x\r\n\r\n`);
    const clone = new RuntimeApi(new FakeUnit(undefined, [end]), instanceSpec({}), listener);
    clone.resume();
    await expect
      .poll(() => heard)
      .toEqual([
        ["resumed", 0],
        ["ready", 0],
      ]);
    invoke("id-1", undefined, clone);
    await expect.poll(() => said.join("")).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*\r\n\r\n{"a":1}$/);
    clone.close();
    await once(client, "close");
  });

  it("has no phases", async () => {
    api.load();
    await expect.poll(() => heard).toMatchObject([["hookFailed", { errorType: "Runtime.NoPhases" }]]);
  });

  it("gives an invocation to the next request when one was broken off", async () => {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.write("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n");
    await expect.poll(() => heard).toEqual([["ready", 0]]);
    socket.destroy();
    const connections = (): Promise<number> =>
      new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
    await expect.poll(connections).toBe(0);
    invoke();
    expect((await ask("GET", "invocation/next")).body).toBe('{"a":1}');
  });
});
