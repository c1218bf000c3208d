import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startFunctions } from "./index.ts";
import { missingLibraries } from "./missing-libraries.ts";
import type { StartFunction } from "./start-function.ts";

const driver = `
import json, sys
sys.path.insert(0, sys.argv[1])
from handler import handler
json.dump(handler(json.load(sys.stdin), None), sys.stdout)
`;

type Handler = (event: unknown) => Promise<unknown>;

async function answerOf(fn: StartFunction, seed: number): Promise<unknown> {
  const { folder, settings } = fn;
  const event: unknown = JSON.parse(JSON.stringify(fn.payload(seed)));
  if (settings.runtime === "nodejs") {
    const { handler } = (await import(join(folder, "handler.mjs"))) as { readonly handler: Handler };
    return JSON.parse(JSON.stringify(await handler(event)));
  }
  const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
  const child = spawnSync(python, ["-s", "-B", "-c", driver, folder], {
    input: JSON.stringify(event),
    encoding: "utf8",
  });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout);
}

/** Libraries are optional, and a bench's own packages are there once it ran. */
const lacks = (fn: StartFunction): boolean =>
  missingLibraries(fn) !== undefined ||
  (fn.installs === true && !existsSync(join(fn.folder, "node_modules")));

/** Of the others, only the checks can be tried. */
const present = startFunctions.filter((fn) => !lacks(fn));

describe.each(present)("$name", (fn) => {
  it("answers rightly whatever the seed, and otherwise for another", async () => {
    const answer = await answerOf(fn, 3);
    expect(fn.check(3, answer)).toBeUndefined();
    expect(fn.check(91, await answerOf(fn, 91))).toBeUndefined();
    if (JSON.stringify(fn.payload(3)) !== JSON.stringify(fn.payload(4)))
      expect(fn.check(4, answer)).toBeTypeOf("string");
  });
});

describe.each(startFunctions)("$name", (fn) => {
  it.each([undefined, null, 7, "text", [], {}])("refuses %j", (wrong) => {
    expect(fn.check(3, wrong)).toBeTypeOf("string");
  });
});

describe("missingLibraries()", () => {
  it("names the modules that are not there and how to get them", () => {
    const [fn] = startFunctions;
    if (fn === undefined) throw new Error("there are no functions");
    const lacking = { ...fn, pythonModules: { json: "python3", no_such_module: "python3-no-such-module" } };
    expect(missingLibraries(lacking)).toBe(
      "python3 has no no_such_module (Debian: apt-get install --no-install-recommends python3-no-such-module)",
    );
    expect(missingLibraries({ ...fn, pythonModules: {} })).toBeUndefined();
  });
});
