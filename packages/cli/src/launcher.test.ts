/**
 * The launcher in a temporary copy of a checkout, with a fake Node and a fake npm on PATH.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkoutFolder } from "./checkout.ts";

const launcher = join(checkoutFolder, "frugal");

let folder: string;
let copy: string;
let programs: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "frugal launcher "));
  copy = join(folder, "check out");
  programs = join(folder, "programs");
  mkdirSync(join(copy, "packages/cli/src"), { recursive: true });
  mkdirSync(programs);
  cpSync(launcher, join(copy, "frugal"));
  writeFileSync(join(copy, "package-lock.json"), "{}\n");
  writeFileSync(
    join(copy, "packages/cli/src/main.ts"),
    "console.log(JSON.stringify(process.argv.slice(2)));\nprocess.exitCode = 7;\n",
  );
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function program(name: string, body: string): void {
  const file = join(programs, name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
}

/** An npm that notes its calls and installs what the launcher expects. */
function fakeNpm(node = `exec "${process.execPath}" "$@"`): void {
  program(
    "npm",
    `echo "$@" >> "${folder}/npm-calls"
case $1 in
ci) mkdir -p node_modules ;;
install)
  for arch in x64 arm64; do
    mkdir -p "$3/node_modules/node-linux-$arch/bin"
    printf '#!/bin/sh\\n%s\\n' '${node}' > "$3/node_modules/node-linux-$arch/bin/node"
    chmod +x "$3/node_modules/node-linux-$arch/bin/node"
  done ;;
esac`,
  );
}

const currentNode = (): void => {
  symlinkSync(process.execPath, join(programs, "node"));
};
const oldNode = (): void => {
  program("node", `if [ "$1" = --version ]; then echo v18.1.0; else exit 1; fi`);
};
const npmCalls = (): string[] =>
  existsSync(join(folder, "npm-calls"))
    ? readFileSync(join(folder, "npm-calls"), "utf8").trim().split("\n")
    : [];

const launch = (
  given: readonly string[],
  more: { file?: string; cwd?: string; env?: Record<string, string> } = {},
) =>
  spawnSync(more.file ?? join(copy, "frugal"), given, {
    cwd: more.cwd ?? "/",
    env: { PATH: `${programs}:/usr/bin:/bin`, ...more.env },
    encoding: "utf8",
  });

describe("the launcher", () => {
  it("is valid for sh", () => {
    execFileSync("sh", ["-n", launcher]);
  });

  it("passes arguments and exit code through, and installs the dependencies once", () => {
    currentNode();
    fakeNpm();
    const first = launch(["a b", "--flag", ""]);
    expect(JSON.parse(first.stdout)).toEqual(["a b", "--flag", ""]);
    expect(first.status).toBe(7);
    expect(first.stderr).toContain("installing dependencies");
    const second = launch([]);
    expect(second.stderr).toBe("");
    expect(npmCalls()).toHaveLength(1);
    expect(existsSync(join(copy, ".frugal/lock"))).toBe(false);
  });

  it("installs the dependencies again when package-lock.json has changed", () => {
    currentNode();
    fakeNpm();
    launch([]);
    writeFileSync(join(copy, "package-lock.json"), '{"changed": true}\n');
    launch([]);
    expect(npmCalls().filter((call) => call.startsWith("ci"))).toHaveLength(2);
  });

  it("works through symlinks, absolute and relative, from any folder", () => {
    currentNode();
    fakeNpm();
    symlinkSync(join(copy, "frugal"), join(folder, "absolute"));
    mkdirSync(join(folder, "bin"));
    symlinkSync("../absolute", join(folder, "bin/relative"));
    expect(launch(["x"], { file: join(folder, "bin/relative"), cwd: folder }).stdout).toBe('["x"]\n');
    expect(launch(["x"], { file: "./relative", cwd: join(folder, "bin") }).stdout).toBe('["x"]\n');
  });

  it("installs a private Node where the one on PATH is too old, and uses it from then on", () => {
    oldNode();
    fakeNpm();
    const first = launch([]);
    expect(first.stderr).toContain("found v18.1.0: installing Node");
    expect(first.status).toBe(7);
    expect(launch([]).stderr).toBe("");
    expect(npmCalls().filter((call) => call.startsWith("install"))).toHaveLength(1);
  });

  it("says what to do where Node is too old and there is no npm", () => {
    oldNode();
    // A PATH of its own: this host's npm may be beside its sh.
    for (const name of ["sh", "dirname", "readlink", "uname", "mkdir", "cat", "cksum", "rm", "sleep"]) {
      symlinkSync(
        execFileSync("/bin/sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim(),
        join(programs, name),
      );
    }
    const { status, stderr } = launch([], { env: { PATH: programs } });
    expect(status).toBe(69);
    expect(stderr).toContain("found v18.1.0 and no npm");
    expect(stderr).toContain("set FRUGAL_NODE");
  });

  it("ends with 69 when npm fails, and tries again the next time", () => {
    currentNode();
    program("npm", "echo 'npm error network' >&2; exit 1");
    const { status, stderr } = launch([]);
    expect(status).toBe(69);
    expect(stderr).toContain("npm error network");
    expect(stderr).toContain("could not be installed");
    expect(existsSync(join(copy, ".frugal/lock"))).toBe(false);
    fakeNpm();
    expect(launch([]).status).toBe(7);
  });

  it("says so where the Node that it installed does not run", () => {
    oldNode();
    fakeNpm("exit 127");
    const { status, stderr } = launch([]);
    expect(status).toBe(69);
    expect(stderr).toContain("does not run on this system");
  });

  it("refuses a FRUGAL_NODE that is none", () => {
    currentNode();
    fakeNpm();
    const { status, stderr } = launch([], { env: { FRUGAL_NODE: "/nowhere/node" } });
    expect(status).toBe(69);
    expect(stderr).toContain("FRUGAL_NODE is /nowhere/node");
  });

  it("takes over the lock of a launcher that was killed", () => {
    currentNode();
    fakeNpm();
    const gone = spawnSync("true").pid;
    mkdirSync(join(copy, ".frugal/lock"), { recursive: true });
    writeFileSync(join(copy, ".frugal/lock/pid"), `${gone}\n`);
    expect(launch([]).status).toBe(7);
  });
});
