import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FrugalError } from "@frugal/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  aptLines,
  criuLines,
  dpkgDebLines,
  type FakeCriuHost,
  fakeCriuHost,
} from "../../../test/fake-criu-host.ts";
import { installCriu } from "./install-criu.ts";
import { isCriuInstalled } from "./is-criu-installed.ts";

/** Above every pid that Linux gives. */
const DEAD_PID = 4_194_305;

let host: FakeCriuHost;
beforeEach(() => {
  host = fakeCriuHost();
  host.program("dpkg", "echo amd64");
  host.program("apt-get", ...aptLines);
  host.program("dpkg-deb", ...dpkgDebLines("4.1.1"));
});
afterEach(() => {
  host.remove();
});

const inFolder = (): readonly string[] => (existsSync(host.folder) ? readdirSync(host.folder) : []);

async function refusal(): Promise<string> {
  const error: unknown = await installCriu(host).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FrugalError);
  expect(error).toMatchObject({ code: "host-unsupported" });
  return (error as FrugalError).message;
}

describe("installCriu()", () => {
  it("unpacks Debian's into a folder of its version, without what criu never reads (I1, I3)", async () => {
    expect(isCriuInstalled(host)).toBe(false);
    const criu = await installCriu(host);
    expect(criu).toMatchObject({ version: "4.1.1", origin: "private" });
    expect(inFolder()).toEqual(["4.1.1"]);
    expect(readdirSync(join(host.folder, "4.1.1/root/usr"))).toEqual(["lib", "sbin"]);
    expect(readdirSync(join(host.folder, "4.1.1/root/usr/lib/x86_64-linux-gnu"))).toEqual([
      "ld-linux-x86-64.so.2",
    ]);
    expect(isCriuInstalled(host)).toBe(true);
    const before = host.calls().length;
    expect(await installCriu(host)).toEqual(criu);
    expect(host.calls()).toHaveLength(before);
  });

  it("keeps apt off the host's lists, packages and hooks", async () => {
    host.program("apt-get", `cat "$2" "$(dirname "$2")/sources.list" >> $CALLS`, ...aptLines);
    await installCriu(host);
    const given = host.calls().join("\n");
    expect(given).toContain(
      `[arch=amd64 signed-by=${host.keyring}] http://deb.debian.org/debian trixie main`,
    );
    const folders = [...given.matchAll(/^Dir::(?:State|Cache|Log)\S* "(.*)";$/gm)].map(([, path]) => path);
    expect(folders.length).toBeGreaterThan(4);
    for (const path of folders) expect(path).toContain(`${host.folder}/.unfinished-`);
    expect(given).toContain("#clear APT::Update::Post-Invoke;");
  });

  it("installs the distribution's where that is new enough, and knows it again", async () => {
    host.program("apt-cache", "echo 'criu:\n  Candidate: 4.2-1'");
    host.program(
      "env",
      `echo "$*" >> $CALLS`,
      `printf '%s\\n' "${criuLines("4.2").join("\n").replaceAll(/["$]/g, "\\$&")}" > ${host.root}/bin/criu`,
      `chmod +x ${host.root}/bin/criu`,
    );
    expect(await installCriu(host)).toMatchObject({ version: "4.2", origin: "system" });
    expect(host.calls()).toHaveLength(1);
    expect(host.calls()[0]).toMatch(/^DEBIAN_FRONTEND=noninteractive apt-get .*install --yes .*criu$/);
    expect(inFolder()).toEqual(["system"]);
    expect(isCriuInstalled(host)).toBe(true);
    host.program("criu", ...criuLines("3.17.1"));
    expect(isCriuInstalled(host)).toBe(false);
  });

  it("unpacks Debian's where the distribution's is too old, is not to be had, or needs root", async () => {
    host.program("env", `echo "env" >> $CALLS; exit 100`);
    for (const [candidate, isRoot, tries] of [
      ["3.17.1-2", true, 0],
      ["4.2-1", true, 1],
      ["4.2-1", false, 1],
    ] as const) {
      host.program("apt-cache", `echo 'criu:\n  Candidate: ${candidate}'`);
      expect(await installCriu({ ...host, isRoot })).toMatchObject({ version: "4.1.1", origin: "private" });
      expect(host.calls().filter((call) => call === "env")).toHaveLength(tries);
      rmSync(host.folder, { recursive: true });
    }
  });

  it("says what is in the way", async () => {
    host.program("apt-get", "echo 'E: Could not connect to deb.debian.org' >&2; exit 100");
    expect(await refusal()).toMatch(/E: Could not connect to deb.debian.org\n {2}It needs the network/);
    rmSync(join(host.root, "bin/apt-get"));
    expect(await refusal()).toContain("apt-get or dpkg-deb is not installed");
    rmSync(host.keyring);
    expect(await refusal()).toContain("apt-get install debian-archive-keyring");
    rmSync(join(host.root, "bin/dpkg"));
    expect(await refusal()).toContain("this host has no apt and dpkg");
  });

  it("leaves nothing behind where a step fails (I1)", async () => {
    host.program(
      "dpkg-deb",
      ...dpkgDebLines("4.1.1").slice(1),
      "echo 'tar: No space left on device' >&2; exit 2",
    );
    expect(await refusal()).toContain("No space left on device");
    expect(inFolder()).toEqual([]);
    host.program("dpkg-deb", ...dpkgDebLines("4.0"));
    expect(await refusal()).toContain("is only 4.0");
    expect(inFolder()).toEqual([]);
    host.program("dpkg-deb", `mkdir -p $3/usr/lib`);
    expect(await refusal()).toContain("does not run on this host");
    expect(inFolder()).toEqual([]);
  });

  it("leaves nothing that counts where it is killed, and nothing at all after the next install (I1, I2)", async () => {
    host.program("dpkg-deb", "kill -9 $PPID", ...dpkgDebLines("4.1.1"));
    const script = fileURLToPath(new URL("../../../test/dying-criu-install.ts", import.meta.url));
    expect(spawnSync(process.execPath, [script, host.root]).signal).toBe("SIGKILL");
    expect(inFolder()).toEqual([expect.stringMatching(/^\.unfinished-\d+$/)]);
    expect(isCriuInstalled(host)).toBe(false);
    // Another one that is under way, and one that is not.
    mkdirSync(join(host.folder, ".unfinished-1"));
    mkdirSync(join(host.folder, `.unfinished-${DEAD_PID}`));
    host.program("dpkg-deb", ...dpkgDebLines("4.1.1"));
    await installCriu(host);
    expect([...inFolder()].sort()).toEqual([".unfinished-1", "4.1.1"]);
  });

  it("replaces a private one that does not run (I3)", async () => {
    await installCriu(host);
    const loader = join(host.folder, "4.1.1/root/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");
    const whole = readFileSync(loader);
    rmSync(loader);
    await installCriu(host);
    expect(readFileSync(loader)).toEqual(whole);
  });
});
