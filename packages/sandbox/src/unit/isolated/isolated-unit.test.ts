import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cores, mebibytes } from "@frugal/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cannotIsolate } from "../../../test/needs.ts";
import { python, shell, transcriptOf, unitLimits, unitSpec, written } from "../../../test/unit-spec.ts";
import { openUnitFactory } from "../factory.ts";
import { buildNativePrograms } from "../../native/native-programs.ts";
import type { UnitFactory } from "../unit.ts";

/** Prints name or number of the error that each attempt meets, or "done". */
const attempts = (lines: readonly string[]): string =>
  [
    "import ctypes, errno, os, socket",
    "libc = ctypes.CDLL(None, use_errno=True)",
    "def call(number, *values):",
    "    ctypes.set_errno(0)",
    "    result = libc.syscall(number, *values)",
    "    return 'done' if result >= 0 else errno.errorcode[ctypes.get_errno()]",
    "def attempt(action):",
    "    try:",
    "        action()",
    "        return 'done'",
    "    except OSError as error:",
    "        return errno.errorcode[error.errno]",
    ...lines.map((line) => `print(${line})`),
  ].join("\n");

describe.skipIf(cannotIsolate)("IsolatedUnit", () => {
  let units: UnitFactory;

  beforeAll(async () => {
    await buildNativePrograms();
    units = await openUnitFactory();
    expect(units.isolation).toEqual({ kind: "isolated" });
  });

  afterAll(async () => {
    await units.close();
    expect(traces(`${process.pid}`)).toEqual([]);
  });

  const run = (...args: Parameters<typeof unitSpec>) => transcriptOf(units.launch(unitSpec(...args)));

  it("runs the command as pid 100, an ordinary user without capabilities, under a filter", async () => {
    const { stdout, exit } = await run(["/bin/cat", "/proc/self/status"]);
    const status = new Map(
      stdout.split("\n").map((line) => [line.split(":")[0], line.split("\t").slice(1).join(" ")]),
    );
    expect(exit).toEqual({ kind: "exited", code: 0 });
    expect(status.get("Pid")).toBe("100");
    expect(status.get("Uid")).toBe("64999 64999 64999 64999");
    expect(status.get("Gid")).toBe("64999 64999 64999 64999");
    expect(status.get("Groups")?.trim()).toBe("");
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
      expect(status.get(set)).toBe("0000000000000000");
    }
    expect(status.get("NoNewPrivs")).toBe("1");
    expect(status.get("Seccomp")).toBe("2");
  });

  it("has exactly the given environment, and the descriptors 0 to 3", async () => {
    const { stdout } = await run(
      python(
        "import os; print(dict(os.environ)); print(os.listdir('/proc/self/fd')); print(os.readlink('/proc/self/fd/0'))",
      ),
      { environment: { GREETING: 'two words\nand "more"', LC_ALL: "C.UTF-8" } },
    );
    const [environment, descriptors, input] = stdout.trim().split("\n");
    expect(environment).toBe(`{'GREETING': 'two words\\nand "more"', 'LC_ALL': 'C.UTF-8'}`);
    // The fourth is the listing's own.
    expect(descriptors).toBe("['0', '1', '2', '3', '4']");
    expect(input).toBe("/dev/null");
  });

  it("talks with the platform over descriptor 3", async () => {
    const unit = units.launch(
      unitSpec(python("import socket; s = socket.socket(fileno=3); s.sendall(s.recv(100)[::-1])")),
    );
    unit.channel.write("frugal");
    const answer = await new Promise((resolve) =>
      unit.channel.once("data", (data: Buffer) => resolve(String(data))),
    );
    expect(answer).toBe("lagurf");
    expect(await unit.exited).toEqual({ kind: "exited", code: 0 });
  });

  it("says how the command ended, also with the codes that the init uses itself", async () => {
    const unit = units.launch(unitSpec(shell("exit 70")));
    expect(await unit.exited).toEqual({ kind: "exited", code: 70 });
    unit.kill();
    expect((await run(shell("kill -SEGV $$"))).exit).toEqual({ kind: "signalled", signal: "SIGSEGV" });
  });

  it("is unusable, with the step and the reason, when it cannot be made", async () => {
    const noProgram = units.launch(unitSpec(["/bin/no-such-program"]));
    await expect(noProgram.launched).rejects.toThrow("run /bin/no-such-program: No such file or directory");
    expect(await noProgram.exited).toMatchObject({ kind: "unusable" });

    const noSource = await run(["/bin/true"], {
      mounts: [{ source: "/no/such/package", target: "/var/task" }],
    });
    expect(noSource.exit).toEqual({
      kind: "unusable",
      reason: "open /no/such/package: No such file or directory",
    });

    const intoHost = await run(["/bin/true"], {
      mounts: [{ source: "/etc", target: "/usr/no-such-folder" }],
    });
    expect(intoHost.exit).toMatchObject({ kind: "unusable" });
    expect(existsSync("/usr/no-such-folder")).toBe(false);
  });

  it("shows mounts read-only, and hides the host's files, users and processes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "frugal-package-"));
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, "code.txt"), "code");
    const { stdout, stderr } = await run(
      shell(`cat /var/task/code.txt; echo; touch /var/task/x; echo y > /var/task/code.txt; touch /x /etc/x /usr/x
        ls -d /root /home /sys /var/lib /mnt 2>/dev/null; cat /etc/passwd | wc -l; ls /proc | grep -c '^[0-9]'
        grep -c . /proc/kallsyms /proc/keys; echo 1 > /proc/sys/kernel/panic`),
      { mounts: [{ source: folder, target: "/var/task" }] },
    );
    // Two accounts; the shell, ls and grep; nothing in the masked files.
    expect(stdout).toBe("code\n2\n3\n/proc/kallsyms:0\n/proc/keys:0\n");
    expect(stderr.match(/Read-only file system|Permission denied/g)).toHaveLength(6);
    expect(readFileSync(join(folder, "code.txt"), "utf8")).toBe("code");
    rmSync(folder, { recursive: true });
  });

  it("has a /tmp of its own, of limited size", async () => {
    const other = units.launch(unitSpec(shell("echo secret > /tmp/secret; echo ready; sleep 60")));
    await written(other, "ready");
    const { stdout, stderr } = await run(
      shell("ls -A /tmp | wc -l; dd if=/dev/zero of=/tmp/big bs=1M count=64"),
    );
    other.kill();
    expect(stdout).toBe("0\n");
    expect(stderr).toContain("No space left on device");
    await other.exited;
  });

  it("refuses system calls that reach past the unit", async () => {
    const { stdout } = await run(
      python(
        attempts([
          "'io_uring_setup', call(425, 1, 0)",
          "'clone3', call(435, 0, 0)",
          "'unshare user', call(272 if os.uname().machine == 'x86_64' else 97, 0x10000000)",
          "'clone user', call(56 if os.uname().machine == 'x86_64' else 220, 0x10000011, 0, 0, 0, 0)",
          "'mount', 'done' if libc.mount(b'x', b'/tmp', b'tmpfs', 0, 0) == 0 else errno.errorcode[ctypes.get_errno()]",
          "'ptrace', 'done' if libc.ptrace(16, 1, 0, 0) == 0 else errno.errorcode[ctypes.get_errno()]",
          "'open_tree', call(428, -100, 0, 1)",
          "'pidfd_getfd', call(438, 0, 0, 0)",
          "'fanotify_init', call(300 if os.uname().machine == 'x86_64' else 262, 0, 0)",
          "'move_pages', call(279 if os.uname().machine == 'x86_64' else 239, 0, 0, 0, 0, 0, 0)",
          "'unknown', call(1000)",
          "'device', attempt(lambda: os.mknod('/tmp/device', 0o20666, os.makedev(1, 1)))",
          "'fifo', attempt(lambda: os.mknod('/tmp/fifo', 0o10666))",
          "'packet socket', attempt(lambda: socket.socket(17, 3, 0))",
          "'vsock', attempt(lambda: socket.socket(40, 1, 0))",
          "'netlink audit', attempt(lambda: socket.socket(16, 3, 9))",
          "'netlink route', attempt(lambda: socket.socket(16, 3, 0))",
          "'raw socket', attempt(lambda: socket.socket(2, 3, 1))",
          "'become root', attempt(lambda: os.setuid(0))",
          "'host name', attempt(lambda: socket.sethostname('x'))",
          "'pid 1', attempt(lambda: os.kill(1, 9))",
        ]),
      ),
    );
    expect(
      Object.fromEntries(
        stdout
          .trim()
          .split("\n")
          .map((line) => line.split(/ (?=\S+$)/)),
      ),
    ).toEqual({
      io_uring_setup: "ENOSYS",
      clone3: "ENOSYS",
      "unshare user": "EPERM",
      "clone user": "EPERM",
      mount: "EPERM",
      ptrace: "EPERM",
      open_tree: "EPERM",
      pidfd_getfd: "EPERM",
      fanotify_init: "EPERM",
      move_pages: "EPERM",
      unknown: "ENOSYS",
      device: "EPERM",
      fifo: "done",
      "packet socket": "EAFNOSUPPORT",
      vsock: "EAFNOSUPPORT",
      "netlink audit": "EAFNOSUPPORT",
      "netlink route": "done",
      "raw socket": "EPERM",
      "become root": "EPERM",
      "host name": "EPERM",
      "pid 1": "EPERM",
    });
  });

  it("ends as out of memory when it uses more than its limit", async () => {
    const hog = "x = bytearray(2 << 30)\nfor i in range(0, len(x), 4096): x[i] = 1";
    expect((await run(python(hog))).exit).toEqual({ kind: "out-of-memory" });
    // Of a process that the command started, too; and the private /tmp counts.
    expect((await run(shell(`/usr/bin/python3 -c '${hog}'; exit 1`))).exit).toEqual({
      kind: "out-of-memory",
    });
    const filled = await run(shell("dd if=/dev/zero of=/tmp/big bs=1M count=100; tail /dev/zero"), {
      limits: unitLimits({ memory: mebibytes(32), temporaryStorage: mebibytes(512) }),
    });
    expect(filled.exit).toEqual({ kind: "out-of-memory" });
  });

  it("survives a fork bomb in one unit: others still run, and it ends at once when killed", async () => {
    const bomb = units.launch(
      unitSpec(
        python(
          "import os\nprint('ready', flush=True)\nwhile True:\n    try: os.fork()\n    except OSError: pass",
        ),
        {
          limits: unitLimits({ processes: 50, cores: cores(0.2) }),
        },
      ),
    );
    bomb.stderr.resume();
    await written(bomb, "ready");
    expect((await run(shell("echo fine"))).stdout).toBe("fine\n");
    bomb.kill();
    expect(await bomb.exited).toEqual({ kind: "signalled", signal: "SIGKILL" });
  });

  it("bounds open files", async () => {
    const { stdout } = await run(
      python(
        "import os\nn = 0\ntry:\n    while True: os.open('/dev/null', 0); n += 1\nexcept OSError as e: print(n, e.strerror)",
      ),
    );
    expect(stdout).toBe("124 Too many open files\n");
  });

  it("counts the CPU time of all its processes, and keeps the count after the end", async () => {
    const unit = units.launch(
      unitSpec(shell("(i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done) & wait; echo ready; sleep 60")),
    );
    await written(unit, "ready");
    const used = unit.cpuTime() ?? 0;
    expect(used).toBeGreaterThan(0.02);
    unit.kill();
    await unit.exited;
    expect(unit.cpuTime()).toBeGreaterThanOrEqual(used);
  });

  it("listens inside the unit and hands the connections to the platform", async () => {
    const unit = units.launch(
      unitSpec(
        python(
          `import socket\ns = socket.create_connection(("127.0.0.1", 9001))\nprint(s.recv(100).decode())`,
        ),
        { listenOn: 9001 },
      ),
    );
    const server = await unit.listener;
    expect(server.address()).toMatchObject({ address: "127.0.0.1", port: 9001 });
    server.on("connection", (socket) => socket.end("from the platform"));
    expect((await transcriptOf(unit)).stdout).toBe("from the platform\n");
    server.close();
    // It is the unit's loopback, not the host's.
    const refused = await new Promise((resolve) =>
      connect(9001, "127.0.0.1").on("error", () => resolve(true)),
    );
    expect(refused).toBe(true);
  });

  it("leaves nothing when it is killed, at any moment and more than once", async () => {
    const early = units.launch(unitSpec(["/bin/sleep", "60"]));
    early.kill();
    early.kill();
    await expect(early.launched).rejects.toThrow("ended too early");
    expect(await early.exited).toEqual({ kind: "signalled", signal: "SIGKILL" });

    const id = `killed-${process.pid}`;
    const late = units.launch(unitSpec(shell("setsid sleep 61 & sleep 61 & echo ready; wait"), { id }));
    await written(late, "ready");
    expect(traces(id)).not.toEqual([]);
    late.kill();
    await late.exited;
    late.kill();
    expect(traces(id)).toEqual([]);
    expect(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })).not.toContain("sleep 61");
  });

  it.each([
    ["the process outside", (init: number) => init],
    ["pid 1", (init: number) => Number(readFileSync(`/proc/${init}/task/${init}/children`, "utf8"))],
  ])(
    "ends as a whole, lost through no fault of its command, when %s of its init is killed",
    async (_, victimOf) => {
      const unit = units.launch(unitSpec(shell("setsid sleep 64 & sleep 64 & echo ready; wait")));
      await written(unit, "ready");
      const inits = execFileSync("pgrep", ["-P", `${process.pid}`, "-x", "frugal-init"], {
        encoding: "utf8",
      });
      process.kill(victimOf(Number(inits.trim())), "SIGKILL");
      expect(await unit.exited).toMatchObject({ kind: "lost" });
      expect(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })).not.toContain("sleep 64");
    },
  );

  it("dies with the platform, also when that is killed, and only then the next one removes what is left", async () => {
    const platform = spawn(
      process.execPath,
      [
        "--disable-warning=ExperimentalWarning",
        fileURLToPath(new URL("../../../test/doomed-platform.ts", import.meta.url)),
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await new Promise<void>((resolve) => platform.stdout.once("data", () => resolve()));
    const pid = `${platform.pid ?? 0}`;
    const whileItLives = traces(pid);
    expect(whileItLives).toContain(pid);
    await (await openUnitFactory()).close();
    expect(traces(pid)).toEqual(whileItLives);
    expect(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })).toContain("sleep 62");
    const gone = new Promise((resolve) => platform.once("exit", resolve));
    platform.kill("SIGKILL");
    await gone;
    // Its cgroup empties when the kernel has killed all of it: removing the leftovers waits for that.
    await (await openUnitFactory()).close();
    expect(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })).not.toContain("sleep 62");
    expect(traces(pid)).toEqual([]);
  });
});

/** Whatever of the host carries `name`: packet filter tables, cgroups, network namespaces, claims. */
const traces = (name: string): readonly string[] => [...tablesOf(name), ...foldersOf(name)];

const tablesOf = (name: string): readonly string[] =>
  spawnSync("nft", ["list", "tables"], { encoding: "utf8" })
    .stdout.split(/\s+/)
    .filter((word) => word.includes(`_${name}`));

const foldersOf = (name: string): readonly string[] =>
  ["/sys/fs/cgroup", ...namesIn("/sys/fs/cgroup").map((controller) => join("/sys/fs/cgroup", controller))]
    .flatMap((folder) => [folder, join(folder, `frugal-${process.pid}`)])
    .concat("/run/netns", "/run/frugal")
    .flatMap((folder) => namesIn(folder).filter((entry) => entry.includes(name)));

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
