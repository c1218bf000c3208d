/**
 * The preloaded library of native/limits/socket-options.c, asked by Python's socket module.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { cannotIsolate } from "../../../test/needs.ts";

const sources = ["limits.c", "socket-options.c"].map((name) =>
  fileURLToPath(new URL(`../../../native/limits/${name}`, import.meta.url)),
);

/** Prints, as JSON, what sockets answer, and the errors of what must still fail. */
const SCRIPT = `
import json, socket
def ask(family, level, option):
    with socket.socket(family) as one:
        try:
            return one.getsockopt(level, option)
        except OSError as e:
            return e.strerror
internet, local = socket.AF_INET, socket.AF_UNIX
with socket.socket(local) as passing:
    passing.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    passed = passing.getsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED)
print(json.dumps([
    ask(internet, socket.SOL_SOCKET, socket.SO_PASSCRED), ask(internet, socket.SOL_SOCKET, socket.SO_PASSSEC),
    ask(local, socket.SOL_SOCKET, socket.SO_PASSCRED), passed, ask(internet, socket.SOL_SOCKET, socket.SO_TYPE),
    ask(internet, socket.SOL_SOCKET, 9999), ask(local, socket.IPPROTO_TCP, socket.TCP_NODELAY),
]))
`;

describe.skipIf(cannotIsolate)("frugal-limits.so, of socket options", () => {
  it("says no where the kernel does not say, and changes nothing else", () => {
    const folder = mkdtempSync(join(tmpdir(), "socket-options-"));
    try {
      const library = join(folder, "frugal-limits.so");
      const flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"];
      execFileSync("cc", [...flags, "-o", library, ...sources]);
      const text = execFileSync("/usr/bin/python3", ["-c", SCRIPT], {
        env: { LD_PRELOAD: library },
        encoding: "utf8",
      });
      expect(JSON.parse(text)).toEqual([0, 0, 0, 1, 1, "Protocol not available", "Operation not supported"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
