/**
 * A unit without isolation: an ordinary child process in a session of its own, for hosts that cannot isolate.
 *
 * Memory, processor, process and network limits do not hold, mounts do not exist (commands use the host's paths), and a
 * process that leaves the session outlives the unit. When the platform dies, the command sees the end of its channel, and
 * is expected to end by itself.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex, Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { FrugalError, minus, type Seconds } from "@frugal/core";
import { monotonicNow } from "../../host/monotonic-clock.ts";
import { deferred } from "../deferred.ts";
import { freeLoopbackPort } from "./loopback-port.ts";
import { ProcessCpuTime } from "./process-cpu-time.ts";
import { hasLivingMember } from "./process-group.ts";
import { unitPipes } from "../unit-pipes.ts";
import type { Isolation, LaunchTimes, Unit, UnitExit, UnitSpec } from "../unit.ts";

const LOOPBACK = "127.0.0.1";
/** Runs the rest of its arguments when a line comes in: a command must not look for a listener that is not there yet. */
const gate = ["/bin/sh", "-c", 'read -r go && exec "$@" </dev/null', "gate"];
const LONGEST_PAUSE_MS = 20;

export class PlainUnit implements Unit {
  readonly isolation: Isolation;
  readonly channel: Duplex;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly launched: Promise<LaunchTimes>;
  readonly exited: Promise<UnitExit>;
  readonly #listener = deferred<Server>();
  readonly #child: ChildProcess;
  readonly #temporaryFolder: string;
  readonly #cpuTime: ProcessCpuTime | undefined;
  readonly #server: Server | undefined;
  #unusable: UnitExit | undefined;
  #isEnded = false;

  /** `limiter` runs the rest of its arguments with the limits that need no privilege. */
  constructor(isolation: Isolation, spec: UnitSpec, limiter: readonly string[]) {
    const startedAt = monotonicNow();
    this.isolation = isolation;
    this.#temporaryFolder = mkdtempSync(join(tmpdir(), `frugal-${spec.id}-`));
    const port = spec.listenOn === undefined ? undefined : freeLoopbackPort();
    const [program = "", ...args] = [...(port === undefined ? [] : gate), ...limiter, ...spec.command];
    this.#child = spawn(program, args, {
      stdio: [port === undefined ? "ignore" : "pipe", "pipe", "pipe", "pipe"],
      env: { TMPDIR: this.#temporaryFolder, ...environmentOf(spec, port) },
      cwd: spec.workingDirectory,
      detached: true,
    });
    // It runs when `spawn` returns; the event that says so comes later.
    const launchTime = minus(monotonicNow(), startedAt);
    const gone = goneOf(this.#child, spec);
    ({ channel: this.channel, stdout: this.stdout, stderr: this.stderr } = unitPipes(this.#child));
    this.#cpuTime = ProcessCpuTime.of(this.#child.pid);
    this.#server = port === undefined ? undefined : this.#listenOn(port);
    this.launched = launchedOf(this.#child, launchTime);
    this.launched.catch(() => undefined);
    this.exited = this.#finish(gone);
  }

  get listener(): Promise<Server> {
    return this.#listener.promise;
  }

  /** It restores nothing. */
  get connections(): Promise<readonly Socket[]> {
    return this.launched.then(() => []);
  }

  get hostPid(): number | undefined {
    return this.#child.pid;
  }

  cpuTime(): Seconds | undefined {
    return this.#cpuTime?.read();
  }

  /** It shares its cgroup with the platform. */
  perfFolder(): undefined {
    return undefined;
  }

  kill(): void {
    if (!this.#isEnded) this.#killGroup();
  }

  dump(): Promise<never> {
    return Promise.reject(
      new FrugalError("host-unsupported", "an unisolated process cannot be made a snapshot of"),
    );
  }

  #listenOn(port: number): Server {
    const server = createServer();
    server.on("error", (error) => {
      this.#unusable ??= {
        kind: "unusable",
        reason: `${LOOPBACK}:${port} cannot be listened on: ${error.message}`,
      };
      this.kill();
    });
    this.#child.stdin?.on("error", () => undefined);
    server.listen(port, LOOPBACK, () => {
      this.#child.stdin?.end("go\n");
      this.#listener.resolve(server);
    });
    return server;
  }

  async #finish(gone: Promise<UnitExit>): Promise<UnitExit> {
    const end = await gone;
    // What the command left in its session ends with it.
    for (let check = 1; this.#killGroup() && hasLivingMember(this.#child.pid); check++) {
      await delay(Math.min(check, LONGEST_PAUSE_MS));
    }
    this.#isEnded = true;
    this.#cpuTime?.close();
    this.#server?.close();
    rmSync(this.#temporaryFolder, { recursive: true, force: true });
    return this.#unusable ?? end;
  }

  /** Whether the process group still has a member, which may have ended but not be collected by its parent. */
  #killGroup(): boolean {
    const pid = this.#child.pid;
    if (pid === undefined) return false;
    try {
      return process.kill(-pid, "SIGKILL");
    } catch {
      return false;
    }
  }
}

/** The port differs from the one asked for, so variables that name that address name the real one instead. */
const environmentOf = (spec: UnitSpec, port: number | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(spec.environment).map(([name, value]) => [
      name,
      port !== undefined && value === `${LOOPBACK}:${spec.listenOn}` ? `${LOOPBACK}:${port}` : value,
    ]),
  );

const launchedOf = (child: ChildProcess, launchTime: Seconds): Promise<LaunchTimes> =>
  new Promise((resolve, reject) => {
    child.once("spawn", () => resolve({ made: launchTime, launched: launchTime }));
    child.once("error", (error) => {
      reject(
        new FrugalError("host-unsupported", `The command cannot run: ${error.message}`, { cause: error }),
      );
    });
  });

const goneOf = (child: ChildProcess, spec: UnitSpec): Promise<UnitExit> =>
  new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      resolve(signal === null ? { kind: "exited", code: code ?? 0 } : { kind: "signalled", signal });
    });
    child.on("error", (error) => {
      if (child.pid === undefined)
        resolve({ kind: "unusable", reason: `run ${spec.command[0]}: ${error.message}` });
    });
  });
