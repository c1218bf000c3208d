import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkXml } from "../../../test/check-xml.ts";
import { type, type World } from "../../../test/command-line.ts";
import { type FakeDaemon, fakeDaemon } from "../../../test/fake-daemon.ts";

const RUN_ID = "0a5a2b5e-6b43-4d7c-9f0e-8c3a1f0b9d11";

let folder: string;
let daemon: FakeDaemon;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "workflows-"));
  daemon = await fakeDaemon();
});
afterEach(async () => {
  await daemon.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (argv: readonly string[], world: World = {}) =>
  type(argv, { workingDirectory: folder, ...world, environment: { FRUGAL_ENDPOINT: daemon.url } });

function put(name: string, called = "thumbnail"): string {
  const [namespace = "", label = ""] = name.split("/");
  const file = `${label}.yaml`;
  writeFileSync(
    join(folder, file),
    `document: { dsl: 1.0.0, namespace: ${namespace}, name: ${label}, version: 1.0.0 }\ndo:\n  - resize: { call: ${called} }\n`,
  );
  return file;
}
const deploy = (name: string) => run(["workflow", "deploy", put(name)]);
const lines = (): readonly string[] => daemon.requests.map(({ line }) => line);

describe("frugal workflow deploy", () => {
  it("sends files as they are, and says what may go wrong", async () => {
    const first = await run(["workflow", "deploy", put("default/order"), put("shop/gone", "gone")]);
    expect(first).toEqual({
      exitCode: 0,
      out: "deployed workflow default/order  version 1.0.0\ndeployed workflow shop/gone  version 1.0.0\n  warning: No function is called gone[2J\n",
      err: "",
    });
    expect(daemon.requests[0]?.body).toBe(readFileSync(join(folder, "order.yaml"), "utf8"));
    expect(lines()).toEqual(["PUT /v1/workflows/default/order", "PUT /v1/workflows/shop/gone"]);
  });

  it("sends nothing where one file is no workflow, and says where and why", async () => {
    const good = put("default/order");
    const refusal = async (text: string) => {
      writeFileSync(join(folder, "bad.yaml"), text);
      const { exitCode, err } = await run(["workflow", "deploy", good, "bad.yaml"]);
      return [exitCode, err];
    };
    expect(await refusal("do: [")).toEqual([
      2,
      expect.stringMatching(/^frugal: bad.yaml:1:\d+ is not YAML: /),
    ]);
    expect(await refusal("do: *gone")).toEqual([2, expect.stringContaining("bad.yaml is not YAML: ")]);
    expect(await refusal("do: []")).toEqual([2, expect.stringContaining("bad.yaml is no workflow: ")]);
    expect(await refusal("document: { namespace: A, name: b }")).toEqual([
      2,
      expect.stringContaining('bad.yaml names the workflow "A/b"'),
    ]);
    const missing = await run(["workflow", "deploy", good, "missing.yaml"]);
    expect([missing.exitCode, missing.err]).toEqual([
      2,
      expect.stringContaining("missing.yaml cannot be read"),
    ]);
    expect((await run(["workflow", "deploy"])).exitCode).toBe(2);
    expect(daemon.requests).toEqual([]);
  });

  it("names the file that the platform refuses, and what was deployed before it", async () => {
    const files = [put("default/order"), put("shop/odd", "refused"), put("shop/last")];
    expect(await run(["workflow", "deploy", ...files])).toEqual({
      exitCode: 2,
      out: "",
      err: "frugal: odd.yaml: It cannot be used\n  Deployed before it: default/order\n",
    });
    expect(lines()).toEqual(["PUT /v1/workflows/default/order", "PUT /v1/workflows/shop/odd"]);
    expect((await run(["workflow", "run", "--file", "odd.yaml"])).err).toContain(
      "odd.yaml: It cannot be used",
    );
    expect((await run(["workflow", "deploy", "."])).err).toContain(`${folder} cannot be read`);
  });

  it("goes with the functions of a manifest, after them", async () => {
    mkdirSync(join(folder, "resize"));
    writeFileSync(join(folder, "resize", "index.mjs"), "");
    const functions =
      "functions: { resize: { runtime: nodejs, handler: index.handler, package: { path: resize } } }";
    writeFileSync(join(folder, "frugal.yaml"), `${functions}\nworkflows: [${put("shop/order")}]\n`);
    const { out } = await run(["deploy"]);
    expect(out).toMatch(/^deployed resize .*\ndeployed workflow shop\/order {2}version 1.0.0\n$/);
    expect(lines()).toEqual(["PUT /v1/functions/resize", "PUT /v1/workflows/shop/order"]);
    expect(JSON.parse((await run(["deploy", "--json"])).out)).toMatchObject({
      functions: [{ name: "resize" }],
      workflows: [{ namespace: "shop", name: "order" }],
    });
    await run(["deploy", "--only", "resize"]);
    expect(lines().slice(4)).toEqual(["PUT /v1/functions/resize"]);
  });
});

describe("frugal workflow run", () => {
  it("shows how each stage went, and the output", async () => {
    await deploy("default/order");
    const { exitCode, out, err } = await run(["workflow", "run", "order", "--input", '{"id":7}']);
    expect([exitCode, err]).toEqual([0, "running default/order\n"]);
    expect(out).toBe(
      [
        `run       ${RUN_ID}`,
        "workflow  default/order version 1.0.0",
        "status    completed in 2.1 s",
        "deadline  2 s, missed by 100 ms",
        "energy    500 mJ estimated",
        'output    {"echo":{"id":7}}',
        "",
        "STAGE   FUNCTION   LATENCY  WAITED  BUDGET   SLACK  CORE/UNCORE         ENERGY            START",
        "resize  thumbnail   120 ms   20 ms  150 ms  -30 ms  1.80/1.20 GHz       250 mJ estimated  warm",
        "wide    thumbnail   120 ms   20 ms  150 ms   10 ms  1.80/- GHz dry-run  250 mJ estimated  warm",
        "fetch   call-http   120 ms   20 ms       -       -  unpaced             unavailable       -",
        "",
      ].join("\n"),
    );
    expect(lines().at(-1)).toBe("POST /v1/workflows/default/order/runs?wait=60");
  });

  it("cuts a long output on a terminal", async () => {
    await deploy("default/order");
    const argv = ["workflow", "run", "order", "--input", JSON.stringify({ text: "x".repeat(1000) })];
    expect((await run(argv, { width: 120 })).out).toMatch(
      /^output {4}\{"echo":\{"text":"x{339,}… \(1020 characters; --json has all\)$/m,
    );
    expect((await run(argv)).out).toContain(`"${"x".repeat(1000)}"}}\n`);
  });

  it("takes the input from a file, deploys a file first, and answers with the run as JSON", async () => {
    writeFileSync(join(folder, "input.json"), '{"id": 8}');
    const argv = [
      "workflow",
      "run",
      "--file",
      put("shop/order"),
      "--input-file",
      "input.json",
      "--wait",
      "5",
      "--json",
    ];
    const { exitCode, out } = await run(argv);
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      workflow: "shop/order",
      output: { echo: { id: 8 } },
      stages: [{}, {}, {}],
    });
    expect(lines()).toEqual(["PUT /v1/workflows/shop/order", "POST /v1/workflows/shop/order/runs?wait=5"]);
  });

  it("ends with 1 where the run did not complete, and says what became of it", async () => {
    await deploy("default/bad");
    const bad = await run(["workflow", "run", "bad"]);
    expect(bad.exitCode).toBe(1);
    expect(bad.out).toContain("fault     500 Broken: by hand (https://example.org/broken) at /do/0/bad\n");
    expect(bad.out).toMatch(/^fetch .* Broken: by hand$/m);
    await deploy("default/slow");
    const slow = await run(["workflow", "run", "slow", "--wait", "0.1"]);
    expect(slow.exitCode).toBe(1);
    expect(slow.out).toContain("status    running for 2.1 s\n");
    expect(slow.out).toContain(`\nIt goes on. See it later: frugal workflow describe ${RUN_ID}\n`);
    const later = await run(["workflow", "run", "slow", "--async"]);
    expect(later).toEqual({ exitCode: 0, out: `${RUN_ID}\n`, err: "" });
    expect(lines().at(-1)).toBe("POST /v1/workflows/default/slow/runs?wait=0");
  });

  it.each([
    [["order", "--input", "{"], "--input is not JSON"],
    [["order", "--input", "1", "--input-file", "x"], "Give one of --input and --input-file"],
    [["order", "--async", "--wait", "3"], "--wait does not go with --async"],
    [["Order"], '"Order" is no workflow\'s name'],
    [["other", "--file", "order.yaml"], "The file has the workflow default/order, not default/other"],
    [[], "Name a workflow, or its file"],
  ])("refuses %j before anything is sent", async (argv, message) => {
    put("default/order");
    const { exitCode, err } = await run(["workflow", "run", ...argv]);
    expect([exitCode, err]).toEqual([2, expect.stringContaining(message)]);
    expect(daemon.requests).toEqual([]);
  });
});

describe("frugal workflow list, describe, cancel and delete", () => {
  it("list workflows and runs", async () => {
    expect((await run(["workflow", "list"])).out).toContain("frugal workflow deploy FILE");
    expect((await run(["workflow", "list", "--runs"])).out).toContain("frugal workflow run NAME");
    await deploy("shop/order");
    await run(["workflow", "run", "shop/order"]);
    expect((await run(["workflow", "list"])).out.split("\n")[1]?.split(/ {2,}/)).toEqual(
      ["shop/order", "1.0.0", "2 s", "0.95", "yes", "1", "20", "2", "0", "2026-01-02 03:04:05Z"], // prettier-ignore
    );
    const argv = [
      "workflow",
      "list",
      "--runs",
      "--workflow",
      "shop/order",
      "--status",
      "completed",
      "--limit",
      "7",
    ];
    expect((await run(argv)).out.split("\n")[1]?.split(/ {2,}/)).toEqual(
      [RUN_ID, "shop/order", "2026-01-02 03:04:05Z", "completed in 2.1 s", "2 s, missed by 100 ms", "500 mJ"], // prettier-ignore
    );
    expect(lines().at(-1)).toBe("GET /v1/runs?workflow=shop%2Forder&status=completed&limit=7");
    expect((await run(["workflow", "list", "--status", "running"])).err).toContain("go with --runs");
  });

  it("describe a workflow or a run, by what is given", async () => {
    await deploy("default/order");
    await run(["workflow", "run", "order"]);
    const { out } = await run(["workflow", "describe", "order"]);
    expect(out).toContain("deadline  2 s for 95 % of the runs\n");
    expect(out).toContain("runs      1 running, 20 completed, 2 faulted, 0 cancelled\n");
    expect(out).toMatch(/^\/do\/0\/resize +thumbnail +1 +1 +50 ms$/m);
    expect((await run(["workflow", "describe", RUN_ID.toUpperCase()])).out).toContain(
      `run       ${RUN_ID}\n`,
    );
    expect((await run(["workflow", "describe", "missing"])).exitCode).toBe(2);
  });

  it("cancel a run", async () => {
    await deploy("default/slow");
    await run(["workflow", "run", "slow", "--async"]);
    expect((await run(["workflow", "cancel", RUN_ID])).out).toBe(`${RUN_ID} cancelled\n`);
    expect((await run(["workflow", "cancel", "slow"])).err).toContain('"slow" is no run\'s id');
  });

  it("delete a workflow, when sure", async () => {
    await deploy("default/order");
    expect((await run(["workflow", "delete", "order"])).err).toContain("Give --yes");
    expect(await run(["workflow", "delete", "order"], { reply: "n" })).toMatchObject({
      exitCode: 1,
      out: "not deleted\n",
    });
    expect((await run(["workflow", "delete", "order"], { reply: "y" })).out).toBe("deleted default/order\n");
    expect((await run(["workflow", "delete", "order", "--yes"])).exitCode).toBe(2);
  });
});

describe("frugal workflow graph", () => {
  it("draws a deployed workflow with latencies, budgets and the critical path", async () => {
    await deploy("default/order");
    const { out } = await run(["workflow", "graph", "order", "--out", "order.svg"]);
    expect(out).toBe(`wrote ${join(folder, "order.svg")}: 3 stages\n`);
    const svg = readFileSync(join(folder, "order.svg"), "utf8");
    checkXml(svg);
    for (const part of [
      "default/order",
      "version 1.0.0, deadline 2 s, 22 runs",
      "mean latency 50 ms",
      "budget 800 ms",
      "3 times",
    ])
      expect(svg).toContain(part);
    expect(JSON.parse((await run(["workflow", "graph", "order", "--json"])).out)).toMatchObject({
      title: "default/order",
      criticalPath: [0, 1],
      svg,
    });
    const argv = ["workflow", "graph", "order", "--out", "no/such/folder.svg"];
    expect(await run(argv)).toMatchObject({ exitCode: 2, err: expect.stringContaining("--out: ") as string });
  });

  it("draws a file, and asks no platform", async () => {
    const { exitCode, out } = await run(["workflow", "graph", put("shop/order")]);
    expect(exitCode).toBe(0);
    checkXml(out);
    expect(out).toContain("shop/order");
    expect(daemon.requests).toEqual([]);
  });
});
