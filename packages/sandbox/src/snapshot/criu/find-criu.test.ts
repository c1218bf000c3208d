import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { criuLines, dpkgDebLines, type FakeCriuHost, fakeCriuHost } from "../../../test/fake-criu-host.ts";
import { cannotRunCriu } from "../../../test/needs.ts";
import { findCriu, searchCriu } from "./find-criu.ts";

let host: FakeCriuHost;
beforeEach(() => (host = fakeCriuHost()));
afterEach(() => {
  host.remove();
});

const systemPath = (): string => join(host.root, "bin/criu");

/** A private one in the folder of `version`, which itself says that it is `says`. */
async function addPrivate(version: string, says = version): Promise<string> {
  const prefix = join(host.folder, version, "root");
  mkdirSync(prefix, { recursive: true });
  host.program("unpack", ...dpkgDebLines(says));
  for (const archive of ["libc6.deb", "criu.deb"]) await host.run("unpack", ["--extract", archive, prefix]);
  return prefix;
}

describe("searchCriu()", () => {
  it("takes the system's where it is new enough and its check passes", async () => {
    host.program("criu", ...criuLines("4.2"));
    await addPrivate("4.1.1");
    expect(await searchCriu(host)).toEqual({
      kind: "found",
      criu: {
        version: "4.2",
        origin: "system",
        command: [systemPath()],
        prefix: undefined,
        mounts: [],
        commandInUnit: [systemPath()],
      },
    });
  });

  it("takes the newest private one that runs where the system's is too old, started by its own loader", async () => {
    host.program("criu", ...criuLines("3.17.1"));
    await addPrivate("4.1.1");
    const prefix = await addPrivate("4.10");
    await addPrivate("5.0", "says something else");
    const under = (root: string): readonly string[] => [
      `${root}/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2`,
      "--library-path",
      `${root}/usr/lib/x86_64-linux-gnu`,
      `${root}/usr/sbin/criu`,
    ];
    expect(await searchCriu(host)).toEqual({
      kind: "found",
      criu: {
        version: "4.10",
        origin: "private",
        command: under(prefix),
        prefix,
        mounts: [{ source: prefix, target: "/opt/frugal/criu" }],
        commandInUnit: under("/opt/frugal/criu"),
      },
    });
  });

  it("takes the private one where the system's cannot work here", async () => {
    host.program("criu", ...criuLines("4.2", "exit 1"));
    await addPrivate("4.1.1");
    expect(await searchCriu(host)).toMatchObject({ kind: "found", criu: { version: "4.1.1" } });
  });

  it("says what is missing, and what to do", async () => {
    const reason = async (): Promise<string> => {
      const search = await searchCriu(host);
      return search.kind === "missing" ? search.reason : "";
    };
    expect(await reason()).toBe("criu is not installed; run: frugal setup");
    host.program("criu", "exit 127");
    expect(await reason()).toBe("criu is not installed; run: frugal setup");
    host.program("criu", ...criuLines("3.17.1"));
    expect(await reason()).toBe("the system's criu is 3.17.1, and 4.1.1 is needed; run: frugal setup");
    host.program("criu", ...criuLines("4.2", "echo 'Warn: a'; echo 'Error (x.c:1): no ptrace' >&2; exit 1"));
    expect(await reason()).toBe("criu 4.2 cannot work here: criu check says: Error (x.c:1): no ptrace");
    host.program("criu", 'case "$*" in *noncoop) exit 1 ;; esac', ...criuLines("4.2"));
    expect(await reason()).toContain("CONFIG_USERFAULTFD");
  });

  it("knows that only root can use it", async () => {
    host.program("criu", ...criuLines("4.2"));
    expect(await searchCriu({ ...host, isRoot: false })).toEqual({
      kind: "missing",
      reason: "criu 4.2 is installed, but only root can use it: sudo frugal up",
    });
  });
});

describe("findCriu()", () => {
  it.skipIf(cannotRunCriu)("finds one on this host, which works on its kernel", async () => {
    const search = await findCriu();
    expect(search).toMatchObject({ kind: "found" });
    expect(await findCriu()).toBe(search);
  });
});
