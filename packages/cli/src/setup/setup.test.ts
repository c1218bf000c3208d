/**
 * Setup on a made-up host: an apt that installs by making files, on a PATH in a temporary folder.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FrugalError } from "@frugal/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemPackages } from "./packages.ts";
import { ensureSetup, runSetup, type SetupParts } from "./setup.ts";
import { setupHost } from "./setup-host.ts";

let folder: string;
let programs: string;
let announced: string[];
let built: boolean;
let hasCriu: boolean;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "setup-"));
  programs = join(folder, "programs");
  mkdirSync(programs);
  announced = [];
  built = false;
  hasCriu = false;
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function program(name: string, body = "exit 0"): void {
  writeFileSync(join(programs, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(programs, name), 0o755);
}

/** Installs each package that has an entry; packages in `broken` make the whole call fail, as with apt. */
function fakeApt(broken: readonly string[] = [], needsUpdate = false): void {
  program(
    "apt-get",
    `PATH=/usr/bin:/bin
echo "$DEBIAN_FRONTEND $*" >> "${folder}/apt-calls"
case "$*" in *update*) touch "${folder}/lists"; exit 0 ;; esac
${needsUpdate ? `[ -e "${folder}/lists" ] || { echo "E: Unable to locate package"; exit 100; }` : ""}
for package in "$@"; do
  case " ${broken.join(" ")} " in *" $package "*) echo "E: $package is broken"; exit 100 ;; esac
done
put() { printf '#!/bin/sh\\n' > "${programs}/$1"; chmod +x "${programs}/$1"; }
for package in "$@"; do
  case $package in
    python3) put python3 ;;
    gcc) put gcc ;;
    libc6-dev) mkdir -p "${folder}/usr/include"; touch "${folder}/usr/include/stdio.h" ;;
    nftables) put nft ;;
    iproute2) put ip ;;
    python3-numpy) mkdir -p "${folder}/usr/lib/python3/dist-packages/numpy" ;;
    python3-pil) mkdir -p "${folder}/usr/lib/python3/dist-packages/PIL" ;;
    python3-igraph) mkdir -p "${folder}/usr/lib/python3/dist-packages/igraph" ;;
  esac
done`,
  );
}

const parts = (
  more: {
    isRoot?: boolean;
    wall?: number;
    build?: () => Promise<unknown>;
    install?: () => Promise<string>;
  } = {},
): SetupParts => ({
  host: setupHost({
    environment: { PATH: programs },
    isRoot: more.isRoot ?? true,
    stateFolder: join(folder, "state"),
    moreFolders: [],
    fileRoot: folder,
  }),
  packages: systemPackages,
  nativePrograms: {
    isBuilt: () => built,
    build:
      more.build ??
      (() => {
        built = true;
        return Promise.resolve();
      }),
  },
  criu: {
    isInstalled: () => hasCriu,
    install:
      more.install ??
      (() => {
        hasCriu = true;
        return Promise.resolve("4.1.1");
      }),
  },
  announce: (line) => announced.push(line),
  wall: more.wall ?? 1000,
});

const aptCalls = (): string[] =>
  existsSync(join(folder, "apt-calls"))
    ? readFileSync(join(folder, "apt-calls"), "utf8").trim().split("\n")
    : [];
const states = (items: readonly { name: string; state: string }[]): Record<string, string> =>
  Object.fromEntries(items.map(({ name, state }) => [name, state]));

describe("setup", () => {
  it("installs what is missing in one call, unattended, builds the init, and does nothing the second time", async () => {
    fakeApt();
    expect(states(await runSetup(parts()))).toEqual({
      python3: "done",
      "C compiler": "done",
      nftables: "done",
      iproute2: "done",
      "numpy, Pillow, igraph": "done",
      criu: "done",
      "native programs": "done",
    });
    expect(aptCalls()).toHaveLength(1);
    expect(aptCalls()[0]).toMatch(
      /^noninteractive .*install --yes .*python3 gcc libc6-dev nftables iproute2 python3-numpy python3-pil python3-igraph$/,
    );
    const second = await runSetup(parts());
    expect(new Set(second.map(({ state }) => state))).toEqual(new Set(["present"]));
    expect(aptCalls()).toHaveLength(1);
  });

  it("installs only what is missing", async () => {
    fakeApt();
    program("python3");
    program("ip");
    await runSetup(parts());
    expect(aptCalls()[0]).toMatch(/gcc libc6-dev nftables python3-numpy python3-pil python3-igraph$/);
  });

  it("takes fresh package lists where the old ones do not do", async () => {
    fakeApt([], true);
    const items = await runSetup(parts());
    expect(states(items)["nftables"]).toBe("done");
    expect(aptCalls().map((call) => call.includes("update"))).toEqual([false, true, false]);
  });

  it("installs the rest where one package is broken, and shows what apt said", async () => {
    fakeApt(["nftables"]);
    const items = await runSetup(parts());
    expect(states(items)).toMatchObject({
      python3: "done",
      "C compiler": "done",
      nftables: "skipped",
      iproute2: "done",
    });
    const nft = items.find(({ name }) => name === "nftables");
    expect(nft?.detail).toContain("without it isolated functions get no network");
    expect(nft?.log?.join("\n")).toContain("E: nftables is broken");
  });

  it("skips with a reason without root, and without apt", async () => {
    fakeApt();
    const [python] = await runSetup(parts({ isRoot: false }));
    expect(python).toMatchObject({ state: "skipped" });
    expect(python?.detail).toContain("apt needs root (sudo apt-get install");
    expect(aptCalls()).toEqual([]);
    rmSync(join(programs, "apt-get"));
    const items = await runSetup(parts());
    expect(items[0]?.detail).toContain("this host has no apt");
    expect(items.at(-1)).toMatchObject({ name: "native programs", state: "skipped" });
  });

  it("tells a source that does not compile from a compiler that is not there", async () => {
    fakeApt();
    const fault = await runSetup(parts({ build: () => Promise.reject(new Error("init.c:3: error")) }));
    expect(fault.at(-1)).toMatchObject({ state: "failed", log: ["init.c:3: error"] });
    const missing = new FrugalError("host-unsupported", "no static libc");
    const skipped = await runSetup(parts({ build: () => Promise.reject(missing) }));
    expect(skipped.at(-1)).toMatchObject({ state: "skipped", log: ["no static libc"] });
  });
});

describe("setup of criu", () => {
  const criuItem = async (install: () => Promise<string>): Promise<unknown> =>
    (await runSetup(parts({ install }))).find(({ name }) => name === "criu");

  it("says what was installed, or why it could not be and what is lost", async () => {
    fakeApt();
    const offline = new FrugalError("host-unsupported", "no network\n  run: frugal setup");
    expect(await criuItem(() => Promise.reject(offline))).toEqual({
      name: "criu",
      state: "skipped",
      detail: "could not be installed; without it functions start by booting, not from snapshots",
      log: ["no network", "  run: frugal setup"],
    });
    expect(await criuItem(() => Promise.reject(new Error("a fault")))).toMatchObject({ state: "failed" });
    expect(await criuItem(() => Promise.resolve("4.1.1 in /x"))).toMatchObject({
      state: "done",
      detail: "installed 4.1.1 in /x",
    });
  });

  it("is left out of the quick form without root, who alone can use it", async () => {
    fakeApt();
    await runSetup(parts());
    hasCriu = false;
    expect(await ensureSetup(parts({ isRoot: false }))).toEqual([]);
    expect(states(await ensureSetup(parts()))).toEqual({ criu: "done" });
  });
});

describe("ensureSetup", () => {
  it("is silent and starts nothing where all is there", async () => {
    fakeApt();
    await runSetup(parts());
    announced = [];
    const before = aptCalls().length;
    expect(await ensureSetup(parts())).toEqual([]);
    expect(announced).toEqual([]);
    expect(aptCalls()).toHaveLength(before);
  });

  it("does what setup does where something is missing, and says only that", async () => {
    fakeApt();
    program("python3");
    const items = await ensureSetup(parts());
    expect(items.map(({ name }) => name)).toEqual([
      "C compiler",
      "nftables",
      "iproute2",
      "numpy, Pillow, igraph",
      "criu",
      "native programs",
    ]);
    expect(announced[0]).toBe("installing C compiler, nftables, iproute2, numpy, Pillow, igraph with apt");
  });

  it("does not try again for a day what just failed, unless something else is missing", async () => {
    fakeApt(["nftables"]);
    await ensureSetup(parts());
    const calls = aptCalls().length;
    expect(await ensureSetup(parts({ wall: 1000 + 3600 }))).toEqual([]);
    expect(aptCalls()).toHaveLength(calls);
    await ensureSetup(parts({ wall: 1000 + 25 * 3600 }));
    expect(aptCalls().length).toBeGreaterThan(calls);
    rmSync(join(programs, "ip"));
    expect(states(await ensureSetup(parts({ wall: 1000 + 26 * 3600 })))["iproute2"]).toBe("done");
  });
});
