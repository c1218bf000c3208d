/**
 * The preloaded library of native/limits, asked by Python's resource module. The capability that would make it needless is
 * taken away first, so that the kernel refuses everywhere.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cannotIsolate, cannotRunCriu } from "../../../test/needs.ts";
import { thisHost } from "./criu-host.ts";
import { findCriu } from "./find-criu.ts";
import { runInPrivateRun } from "./private-run.ts";

const source = fileURLToPath(new URL("../../../native/limits/limits.c", import.meta.url));

/** Prints, as JSON, which limits of another user's process are told wrong, and the errors of what must still fail. */
const SCRIPT = `
import ctypes, json, mmap, os, platform, resource, subprocess
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
PRLIMIT, MMAP = (302, 9) if platform.machine() == "x86_64" else (261, 222)
other = subprocess.Popen(["sleep", "60"], user=64999, group=64999, extra_groups=[])
def error(*arguments):
    try:
        resource.prlimit(*arguments)
    except OSError as e:
        return type(e).__name__
def system_call(*arguments):
    result = libc.syscall(*map(ctypes.c_long, arguments))
    return os.strerror(ctypes.get_errno()) if result == -1 else result
def mapped(path):
    with open(path, "rb") as file:
        address = system_call(MMAP, 0, 4096, mmap.PROT_READ, mmap.MAP_PRIVATE, file.fileno(), 4096)
        file.seek(4096)
        return ctypes.string_at(address, 4096) == file.read(4096)
def by_system_call():
    pair = (ctypes.c_ulong * 2)()
    return [system_call(PRLIMIT, other.pid, resource.RLIMIT_NOFILE, 0, ctypes.addressof(pair)), *pair]
try:
    limits = {n: getattr(resource, n) for n in dir(resource) if n.startswith("RLIMIT_")}
    print(json.dumps({
        "wrong": [n for n, i in limits.items() if resource.prlimit(other.pid, i) != resource.getrlimit(i)],
        "files": resource.prlimit(0, resource.RLIMIT_NOFILE),
        "set": error(other.pid, resource.RLIMIT_NOFILE, (10, 10)),
        "bySystemCall": by_system_call(),
        "allSixArgumentsArrive": mapped("/usr/bin/env"),
        "unknown": system_call(100000, 0),
        "nobody": error(4194305, resource.RLIMIT_NOFILE),
    }))
finally:
    other.kill()
`;

/** Dumps to $0, by criu $@, a process in the same namespaces, so that these are no part of the dump. */
const DUMP = `
setpriv --reuid=64999 --regid=64999 --clear-groups setsid sleep 60 </dev/null >/dev/null 2>&1 &
until [ "$(cat /proc/$!/comm)" = sleep ]; do kill -0 $! || exit 99; done
"$@" dump --tree $! --images-dir "$0" --leave-running
code=$?
kill -9 $!
exit $code
`;

describe.skipIf(cannotIsolate)("frugal-limits.so", () => {
  let folder: string;
  let library: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "limits-"));
    library = join(folder, "frugal-limits.so");
    execFileSync("cc", [
      "-std=gnu11",
      "-O2",
      "-Wall",
      "-Wextra",
      "-Werror",
      "-shared",
      "-fPIC",
      "-o",
      library,
      source,
    ]);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** Under odd limits, to see that none is taken for another. */
  function ask(preload: string): unknown {
    const limits = ["--nofile=1234:2345", "--stack=4194304", "--core=0"];
    const program = ["env", `LD_PRELOAD=${preload}`, "/usr/bin/python3", "-c", SCRIPT];
    const given = ["--bounding-set=-sys_resource", "prlimit", ...limits, ...program];
    return JSON.parse(
      execFileSync("setpriv", given, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }),
    );
  }

  it("tells the limits of another user's process, and changes nothing else", () => {
    expect(ask(library)).toEqual({
      wrong: [],
      files: [1234, 2345],
      bySystemCall: [0, 1234, 2345],
      allSixArgumentsArrive: true,
      unknown: "Function not implemented",
      set: "PermissionError",
      nobody: "ProcessLookupError",
    });
  });

  it("is needed: the kernel refuses without the capability", () => {
    expect(() => ask("")).toThrow("Operation not permitted");
  });

  it.skipIf(cannotRunCriu)("lets criu dump a process of another user without the capability", async () => {
    const search = await findCriu();
    if (search.kind === "missing") throw new Error(search.reason);
    const { command } = search.criu;
    const dump = async (preload: string): Promise<string> => {
      const program = ["sh", "-c", DUMP, folder, "env", `LD_PRELOAD=${preload}`, ...command];
      const result = await runInPrivateRun(thisHost, ["setpriv", "--bounding-set=-sys_resource", ...program]);
      return result.kind === "ran" ? `${result.code} ${result.stderr}` : result.kind;
    };
    expect(await dump("")).toMatch(/^1 [^]*Can't get rlimit/);
    expect(await dump(library)).toMatch(/^0 /);
  });
});
