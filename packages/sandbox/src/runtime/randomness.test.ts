import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { cannotIsolate } from "../../test/needs.ts";
import { buildNativePrograms, nativeProgram } from "../native/native-programs.ts";

/** What one twin of a process drew, which is what a clone of a snapshot would. */
interface Twin {
  readonly isRenewed: boolean;
  readonly drawn: Readonly<Record<string, unknown>>;
}

const folder = mkdtempSync(join(tmpdir(), "twins-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inTests = (name: string): string => fileURLToPath(new URL(`../../test/${name}`, import.meta.url));

/** Runs a program as the first process of a namespace, so that its twins have the same process id as itself. */
function twinsOf(command: readonly string[]): readonly Twin[] {
  const output = execFileSync("/usr/bin/unshare", ["--pid", "--fork", ...command], { encoding: "utf8" });
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Twin);
}

/** What all twins of one kind drew alike. */
function alike(twins: readonly Twin[], isRenewed: boolean): readonly string[] {
  const [first, second] = twins.filter((twin) => twin.isRenewed === isRenewed);
  if (first === undefined || second === undefined) throw new Error(`too few twins: ${JSON.stringify(twins)}`);
  return Object.keys(first.drawn).filter((name) => first.drawn[name] === second.drawn[name]);
}

describe.skipIf(cannotIsolate)("randomness in clones", () => {
  it("differs in Node, but only since it was renewed", async () => {
    await buildNativePrograms();
    const addon = join(folder, "twin.node");
    execFileSync("cc", ["-shared", "-fPIC", "-o", addon, inTests("twin.c")]);
    const reseed = nativeProgram("frugal-reseed.node");
    const twins = twinsOf([process.execPath, "--single-threaded", inTests("twins.mjs"), addon, reseed]);
    expect(alike(twins, false)).toEqual(Object.keys(twins[0]?.drawn ?? {}));
    expect(alike(twins, true)).toEqual([]);
  });

  it("differs in Python, but for what the kernel gives only since it was renewed", () => {
    const shim = fileURLToPath(new URL("./python3/shim", import.meta.url));
    const twins = twinsOf(["/usr/bin/python3", inTests("twins.py"), shim]);
    const kernels = ["secrets", "uuid4"];
    const others = Object.keys(twins[0]?.drawn ?? {}).filter((name) => !kernels.includes(name));
    expect(alike(twins, false)).toEqual(others);
    expect(alike(twins, true)).toEqual([]);
  });
});
