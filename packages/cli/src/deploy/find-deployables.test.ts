import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Wishes } from "./bare-folder.ts";
import type { Deployable } from "./deployable.ts";
import { type Deployables, findDeployables } from "./find-deployables.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "deploy-"))));
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const put = (path: string, text = ""): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const findAll = (path: string, wishes: Wishes = {}, only: readonly string[] = []): Promise<Deployables> =>
  findDeployables({ path: join(folder, path), workingDirectory: folder, wishes, only });
const find = async (...request: Parameters<typeof findAll>): Promise<readonly Deployable[]> =>
  (await findAll(...request)).functions;

const manifest = `
provider: { runtime: nodejs24.x, memorySize: 512, environment: { A: 1, B: base }, architecture: arm64 }
functions:
  one: { handler: index.handler, environment: { B: own }, timeout: 7, package: { path: code/one, patterns: ["!x"] } }
  two: { handler: two.handler, runtime: python3.11, memorySize: 128, network: { mode: none } }
`;

describe("findDeployables", () => {
  it("takes the functions of a manifest, with the provider's defaults under their own", async () => {
    put("app/frugal.yaml", manifest);
    const expected = [
      {
        name: "one",
        folder: join(folder, "app/code/one"),
        patterns: ["!x"],
        settings: {
          runtime: "nodejs24.x",
          handler: "index.handler",
          memoryMiB: 512,
          timeoutSeconds: 7,
          environment: { A: "1", B: "own" },
          architectures: ["arm64"],
        },
      },
      {
        name: "two",
        folder: join(folder, "app"),
        patterns: [],
        settings: {
          runtime: "python3.11",
          handler: "two.handler",
          memoryMiB: 128,
          environment: { A: "1", B: "base" },
          architectures: ["arm64"],
          network: { kind: "none" },
        },
      },
    ];
    expect(await find("app")).toEqual(expected);
    expect(await find("app/frugal.yaml")).toEqual(expected);
    expect((await find("app", {}, ["two"])).map(({ name }) => name)).toEqual(["two"]);
  });

  it("finds a manifest's workflows beside it, unless functions are chosen", async () => {
    put("app/frugal.yaml", `${manifest}workflows: [order.yaml, flows/report.json]\n`);
    const workflows = [join(folder, "app/order.yaml"), join(folder, "app/flows/report.json")];
    expect((await findAll("app")).workflows).toEqual(workflows);
    expect((await findAll("app", {}, ["two"])).workflows).toEqual([]);
    put("app/frugal.yaml", `${manifest}workflows: order.yaml\n`);
    await expect(find("app")).rejects.toThrow("workflows: must be a list of files, each a workflow");
  });

  it("says what a manifest has, and that flags are not for it", async () => {
    put("app/frugal.yaml", manifest);
    await expect(find("app", {}, ["tow"])).rejects.toThrow(
      'app/frugal.yaml has no function "tow" (did you mean "two"?)',
    );
    await expect(find("app", { memoryMiB: 256, name: "x" })).rejects.toThrow(
      "--memory, --name: only for a folder without a manifest\nChange app/frugal.yaml instead",
    );
    put("bad/frugal.yaml", "functions: {}");
    await expect(find("bad")).rejects.toThrow("bad/frugal.yaml:1:1: functions: there is none");
  });

  it.each([
    ["index.mjs", "nodejs", "index.handler"],
    ["handler.py", "python3", "handler.handler"],
    ["lambda_function.py", "python3", "lambda_function.lambda_handler"],
    ["bootstrap", "provided", "bootstrap"],
  ])("makes a function of a folder with %s", async (file, runtime, handler) => {
    put(`hello/${file}`);
    expect(await find("hello")).toEqual([
      { name: "hello", folder: join(folder, "hello"), patterns: [], settings: { runtime, handler } },
    ]);
  });

  it("lets flags win over what the folder suggests", async () => {
    put("hello/index.mjs");
    put("hello/handler.py");
    const wishes = { name: "x", runtime: "python3.11", memoryMiB: 256, timeoutSeconds: 3 };
    expect((await find("hello", wishes))[0]).toMatchObject({
      name: "x",
      settings: { runtime: "python3.11", handler: "handler.handler", memoryMiB: 256, timeoutSeconds: 3 },
    });
    expect((await find("hello", { handler: "other.main" }))[0]?.settings).toEqual({
      runtime: "nodejs",
      handler: "other.main",
    });
  });

  it("says what is missing", async () => {
    mkdirSync(join(folder, "empty"));
    await expect(find("empty")).rejects.toThrow(/has no frugal.yaml and none of index.mjs/);
    await expect(find("nowhere")).rejects.toThrow(/nowhere cannot be read: ENOENT/);
    put("my function/index.mjs");
    await expect(find("my function")).rejects.toThrow(/"my function" is no function name\nGive one/);
  });
});
