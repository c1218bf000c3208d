import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { containing, type, type World } from "../../../test/command-line.ts";
import { type FakeDaemon, fakeDaemon, type FakeDaemonOptions } from "../../../test/fake-daemon.ts";

let folder: string;
let daemon: FakeDaemon;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "functions-"));
  daemon = await fakeDaemon();
});
afterEach(async () => {
  await daemon.close();
  rmSync(folder, { recursive: true, force: true });
});

const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const run = (argv: readonly string[], world: World = {}) =>
  type(argv, { workingDirectory: folder, ...world, environment: { FRUGAL_ENDPOINT: daemon.url } });
const restart = async (options: FakeDaemonOptions): Promise<void> => {
  await daemon.close();
  daemon = await fakeDaemon(options);
};
const deployHello = async (): Promise<void> => {
  put("hello/index.mjs", "export const handler = () => 1;\n");
  expect((await run(["deploy", "hello"])).exitCode).toBe(0);
};

describe("frugal deploy", () => {
  it("packs and sends a folder that is one function", async () => {
    put("hello/index.mjs", "export const handler = () => 1;\n");
    const { exitCode, out, err } = await run(["deploy", "hello", "--memory", "512", "--timeout", "7"]);
    expect([exitCode, err]).toEqual([0, "packing 1 function\nsending 1 function\n"]);
    expect(out).toMatch(/^deployed hello {2}revision 1, 1 file, \d+ B\n$/);
    const deployed = daemon.functions.get("hello");
    expect(deployed?.function).toMatchObject({
      runtime: "nodejs",
      handler: "index.handler",
      memoryMiB: 512,
      timeoutSeconds: 7,
    });
    expect(Object.keys(unzipSync(deployed?.zip ?? new Uint8Array()))).toEqual(["index.mjs"]);
  });

  it("deploys a manifest's functions, all or the chosen", async () => {
    put(
      "frugal.yaml",
      "provider: { runtime: nodejs24.x }\nfunctions:\n  a: { handler: index.handler, package: { path: a } }\n  b: { handler: index.handler, package: { path: b } }\n",
    );
    put("a/index.mjs", "");
    put("b/index.mjs", "");
    const first = await run(["deploy", "--json"]);
    expect(JSON.parse(first.out)).toMatchObject({
      functions: [
        { name: "a", revision: 1 },
        { name: "b", revision: 1, files: 1 },
      ],
    });
    await run(["deploy", "frugal.yaml", "--only", "b"]);
    expect(daemon.functions.get("a")?.function.revision).toBe(1);
    expect(daemon.functions.get("b")?.function.revision).toBe(2);
  });

  it("sends nothing where one folder cannot be packed", async () => {
    put(
      "frugal.yaml",
      "provider: { runtime: nodejs }\nfunctions:\n  a: { handler: a.b }\n  b: { handler: a.b, package: { path: gone } }\n",
    );
    const { exitCode, err } = await run(["deploy"]);
    expect(exitCode).toBe(2);
    expect(err).toContain("gone is not a folder");
    expect(daemon.requests).toEqual([]);
  });

  it("shows the manifest's problems, and the platform's", async () => {
    put("frugal.yaml", "functions:\n  a: { handlr: a.b }\n");
    const bad = await run(["deploy"]);
    expect(bad).toMatchObject({ exitCode: 2, out: "" });
    expect(bad.err).toBe(
      'frugal: frugal.yaml has 1 problem\n  frugal.yaml:2:8: unknown key "handlr" (did you mean "handler"?)\n',
    );
    put("refused/refused.mjs", "");
    const refused = await run(["deploy", "refused", "--runtime", "nodejs", "--handler", "refused.handler"]);
    expect(refused).toMatchObject({
      exitCode: 2,
      err: containing("frugal: handler: is refused"),
    });
  });
});

describe("frugal invoke", () => {
  it("prints the output as it came, and a summary on stderr", async () => {
    const output = '{"large":12345678901234567890, "text":",\\"result\\":"}';
    await restart({
      answer: () =>
        `"state":"succeeded","start":"cold","waitSeconds":0.12,"durationSeconds":0.0045,"energy":{"kind":"energy","joules":0.0421,"source":"model","quality":"estimated","intervalSeconds":1,"detail":""},"result":${output}`,
    });
    await deployHello();
    const { exitCode, out, err } = await run(["invoke", "hello", "--payload", '{"x":1}']);
    expect([exitCode, out]).toEqual([0, `${output}\n`]);
    expect(err).toMatch(/^cold start · waited 120 ms · ran 4.5 ms · 42.1 mJ estimated · [0-9a-f-]{36}\n$/);
    expect(daemon.requests.at(-1)).toMatchObject({
      line: "POST /v1/functions/hello/invocations",
      body: '{"x":1}',
    });
  });

  it("takes its input from a flag, a file, stdin, or none", async () => {
    await deployHello();
    put("event.json", "[1]");
    expect((await run(["invoke", "hello"])).out).toBe("{}\n");
    expect((await run(["invoke", "hello", "--file", "event.json"])).out).toBe("[1]\n");
    expect((await run(["invoke", "hello", "-"], { input: '"in"' })).out).toBe('"in"\n');
  });

  it("ends with 1 where the function failed, its error on stderr", async () => {
    await restart({
      answer: () =>
        '"state":"failed","error":{"errorType":"TypeError","errorMessage":"x is\\u001b[31m undefined","stackTrace":["    at index.mjs:1"]}',
    });
    await deployHello();
    const { exitCode, out, err } = await run(["invoke", "hello"]);
    expect([exitCode, out]).toEqual([1, ""]);
    expect(err).toContain("frugal: hello failed: TypeError: x is[31m undefined\n  at index.mjs:1\n");
    const json = await run(["invoke", "hello", "--json"]);
    expect(json).toMatchObject({ exitCode: 1, err: "" });
    expect(JSON.parse(json.out)).toMatchObject({ state: "failed", error: { errorType: "TypeError" } });
  });

  it("queues, and waits where it is asked to", async () => {
    await deployHello();
    expect((await run(["invoke", "hello", "--async"])).out).toMatch(/^[0-9a-f-]{36}\n$/);
    const waited = await run(["invoke", "hello", "--async", "--wait"]);
    expect([waited.exitCode, waited.out]).toEqual([0, '{"done":true}\n']);
    expect(waited.err).toContain("2 attempts");
    await restart({ states: ["running", "failed"] });
    await deployHello();
    expect(await run(["invoke", "hello", "--async", "--wait"])).toMatchObject({ exitCode: 1, out: "" });
  });

  it("shows the log on stderr, of both kinds of invocation", async () => {
    await deployHello();
    expect((await run(["invoke", "hello", "--log"])).err).toContain("START\nhello\nEND\n");
    expect((await run(["invoke", "hello", "--async", "--wait", "--log"])).err).toContain("hello\nEND\n");
  });

  it("refuses input that is no JSON, or comes twice", async () => {
    const wrong = await run(["invoke", "hello", "--payload", "{x}"]);
    expect(wrong).toMatchObject({ exitCode: 2 });
    expect(wrong.err).toContain("frugal: --payload is not JSON");
    expect((await run(["invoke", "hello", "-", "--payload", "1"])).err).toContain("Give one of");
    expect((await run(["invoke", "hello", "world"])).err).toContain('"world" is one argument too many');
    expect((await run(["invoke", "hello", "--file", "gone"])).err).toContain("--file: ENOENT");
    expect((await run(["invoke", "hello", "--wait"])).err).toContain("--wait goes with --async");
    expect(daemon.requests).toEqual([]);
    expect(await run(["invoke", "nobody"])).toMatchObject({
      exitCode: 2,
      err: 'frugal: No function is called "nobody"\n',
    });
  });
});

describe("frugal list, describe, status, logs, delete", () => {
  it("list functions in a table that fits the terminal", async () => {
    expect((await run(["list"])).out).toContain("No function is deployed");
    await deployHello();
    const { out } = await run(["list"]);
    expect(out.split("\n")[0]).toMatch(/^NAME +RUNTIME +HANDLER +MEMORY +TIMEOUT +CODE +REVISION +CHANGED$/);
    expect(out).toMatch(/hello +nodejs +index.handler +256 MiB +3 s/);
    for (const line of (await run(["list"], { width: 90 })).out.split("\n"))
      expect(line.length).toBeLessThanOrEqual(90);
  });

  it("describes a function, without the values of its environment", async () => {
    put(
      "frugal.yaml",
      "functions: { hello: { handler: a.b, runtime: nodejs, environment: { TOKEN: secret }, work: { size: a.b, hyperparameters: [c] } } }",
    );
    await run(["deploy"]);
    const { out } = await run(["describe", "hello"]);
    expect(out).toMatch(/memoryMiB +256\n/);
    expect(out).toMatch(/environment +TOKEN\n/);
    expect(out).not.toContain("secret");
    expect(out).toMatch(/work +by a\.b, apart by c\n/);
    expect(out).toMatch(/instances +2 busy, 1 idle, 0 starting\n/);
    expect(out).toMatch(/energy +42.1 mJ estimated\n/);
  });

  it("shows energy, queue and functions", async () => {
    await deployHello();
    const { out } = await run(["status"]);
    expect(out).toContain(`platform at ${daemon.url}\n`);
    expect(out).toContain(
      "energy     42.1 mJ estimated in 60 s\nfunctions  12 J\nidle       30 J: 20 J static, 10 J other processes\nread from  a reference server\n",
    );
    expect(out).toContain("queue      5 queued, 1 running\n");
    expect(out).toMatch(/hello +2 +1 +3 +40 +1 +0 +2 +500 ms +42.1 mJ estimated/);
    expect(JSON.parse((await run(["status", "--json"])).out)).toMatchObject({ asyncQueue: { queued: 5 } });
  });

  it("shows logs, as text, as a document and as a stream of documents", async () => {
    await deployHello();
    expect((await run(["logs", "hello", "--lines", "5"])).out).toBe(
      "2026-01-02T03:04:05.000Z hello\n2026-01-02T03:04:06.000Z warning\n2026-01-02T03:04:07.000Z END\n",
    );
    expect(daemon.requests.at(-1)?.line).toBe("GET /v1/functions/hello/logs?lines=5&follow=false");
    expect(JSON.parse((await run(["logs", "hello", "--json"])).out)).toMatchObject({
      records: [{ text: "hello\n" }, {}, {}],
    });
    const followed = (await run(["logs", "hello", "--json", "--follow"])).out.trim().split("\n");
    expect(followed.map((line) => (JSON.parse(line) as { stream: string }).stream)).toEqual([
      "stdout",
      "stderr",
      "platform",
    ]);
  });

  it("deletes after asking, or at once with --yes", async () => {
    await deployHello();
    expect(await run(["delete", "hello"])).toMatchObject({
      exitCode: 2,
      err: containing("Give --yes"),
    });
    expect(await run(["delete", "hello"], { reply: "n" })).toMatchObject({
      exitCode: 1,
      out: "not deleted\n",
    });
    expect(daemon.functions.has("hello")).toBe(true);
    expect(await run(["delete", "hello"], { reply: "y" })).toMatchObject({
      exitCode: 0,
      out: "deleted hello\n",
    });
    expect(daemon.functions.has("hello")).toBe(false);
    expect(await run(["delete", "hello", "--yes"])).toMatchObject({
      exitCode: 2,
      err: containing("No function is called"),
    });
  });
});
