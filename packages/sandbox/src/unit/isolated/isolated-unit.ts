/**
 * One isolation unit as the native init makes it (`native/init/init.c`): its own namespaces, cgroups, root and user.
 *
 * The init is spawned at once and reads its plan from standard input, so that its start and the preparation of cgroup and
 * network overlap. Its task follows there, at once or after a wait in reserve. Closing the control channel ends the unit,
 * also when this process dies.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { Server, Socket } from "node:net";
import type { Duplex, Readable } from "node:stream";
import { FrugalError, messageOf, type Seconds } from "@frugal/core";
import { monotonicNow, timeUntil } from "../../host/monotonic-clock.ts";
import { deferred } from "../deferred.ts";
import { encodedPlan, type PlanRecord } from "./plan.ts";
import { signalName } from "./signal-name.ts";
import { unitPipes } from "../unit-pipes.ts";
import type { Isolation, LaunchTimes, Unit, UnitExit, UnitLimits, UnitSockets } from "../unit.ts";

/** What the unit holds on the host. */
export interface UnitResources {
  readonly plan: readonly PlanRecord[];
  /** Replaces the limits that the unit was made with. */
  limit(limits: UnitLimits): void;
  cpuTime(): Seconds | undefined;
  readonly perfFolder: string | undefined;
  outOfMemoryKills(): number;
  /** Called before the unit's processes are killed. */
  expedite(): void;
  /** Called once, when the init has ended and with it every process of the unit. */
  release(): Promise<void>;
}

/** Messages of the init, as `native/init/task/control.c` writes them. */
type Message =
  /** CLOCK_MONOTONIC, when the unit waited for its task. */
  | { readonly kind: "made"; readonly monotonicSeconds: number }
  /** CLOCK_MONOTONIC, when the command ran or the image was restored. */
  | { readonly kind: "launched"; readonly monotonicSeconds: number }
  | { readonly kind: "dumped"; readonly sockets: UnitSockets }
  | { readonly kind: "undumpable"; readonly reason: string }
  | { readonly kind: "unrestorable"; readonly reason: string }
  | { readonly kind: "listening" }
  /** Before `launched`, one for each connection of the image. */
  | { readonly kind: "connected" }
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signalled"; readonly signal: number }
  | { readonly kind: "unusable"; readonly reason: string }
  | { readonly kind: "lost"; readonly reason: string };

export class IsolatedUnit implements Unit {
  readonly isolation: Isolation = { kind: "isolated" };
  readonly channel: Duplex;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<UnitExit>;
  readonly #made = deferred<undefined>();
  readonly #launched = deferred<LaunchTimes>();
  readonly #listener = deferred<Server>();
  readonly #connections = deferred<readonly Socket[]>();
  /** Until they are handed over. */
  #connected: Socket[] = [];
  readonly #dumped = deferred<UnitSockets>();
  readonly #child: ChildProcess;
  readonly #prepared: Promise<UnitResources | undefined>;
  #begunAt = monotonicNow();
  #madeAt = 0;
  #resources: UnitResources | undefined;
  #end: UnitExit | undefined;
  #isKilled = false;
  #isGone = false;

  /** `init` is the native init's path; `prepare` makes what the unit holds on the host. */
  constructor(init: string, prepare: () => Promise<UnitResources>) {
    // A session of its own: a terminal's interrupt is for the platform, which ends its units in order.
    this.#child = spawn(init, [], {
      stdio: ["pipe", "pipe", "pipe", "pipe", "ipc"],
      env: {},
      cwd: "/",
      detached: true,
    });
    const gone = goneOf(this.#child);
    ({ channel: this.channel, stdout: this.stdout, stderr: this.stderr } = unitPipes(this.#child));
    // An init that fails early does not read its plan to the end.
    this.#child.stdin?.on("error", () => undefined);
    this.#child.on("message", (message, handle) => this.#hear(message as Message, handle));
    // Who awaits only some of these promises must not bring the platform down.
    for (const { promise } of [this.#made, this.#launched, this.#connections, this.#dumped])
      promise.catch(() => undefined);
    this.#prepared = this.#prepare(prepare);
    this.exited = this.#finish(gone);
  }

  /** Resolves when the unit waits for its task; rejects where it ends before. */
  get made(): Promise<void> {
    return this.#made.promise;
  }

  get isAlive(): boolean {
    return !this.#isKilled && !this.#isGone && this.#end === undefined;
  }

  get launched(): Promise<LaunchTimes> {
    return this.#launched.promise;
  }

  get listener(): Promise<Server> {
    return this.#listener.promise;
  }

  get connections(): Promise<readonly Socket[]> {
    return this.#connections.promise;
  }

  get hostPid(): number | undefined {
    return this.#child.pid;
  }

  cpuTime(): Seconds | undefined {
    return this.#resources?.cpuTime();
  }

  perfFolder(): string | undefined {
    return this.#isGone ? undefined : this.#resources?.perfFolder;
  }

  /** Gives the unit its task, once; `limits` replace those that it was made with. */
  begin(task: readonly PlanRecord[], limits?: UnitLimits): void {
    this.#begunAt = monotonicNow();
    void this.#prepared.then((resources) => {
      if (resources === undefined || this.#isKilled) return;
      try {
        if (limits !== undefined) resources.limit(limits);
        this.#child.stdin?.write(encodedPlan(task));
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  dump(folder: string): Promise<UnitSockets> {
    const task: readonly PlanRecord[] = [
      ["task", "dump"],
      ["image", folder],
    ];
    this.#child.stdin?.write(encodedPlan(task));
    return this.#dumped.promise;
  }

  kill(): void {
    if (this.#isKilled || this.#isGone) return;
    this.#isKilled = true;
    this.#resources?.expedite();
    this.#close();
  }

  /** The init ends the unit when it finds its control channel closed, or while it waits for the plan, its input. */
  #close(): void {
    this.#child.stdin?.destroy();
    if (this.#child.connected) this.#child.disconnect();
  }

  async #prepare(prepare: () => Promise<UnitResources>): Promise<UnitResources | undefined> {
    try {
      const resources = await prepare();
      this.#resources = resources;
      if (!this.#isKilled) this.#child.stdin?.write(encodedPlan(resources.plan));
      return resources;
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #fail(error: unknown): void {
    this.#end ??= { kind: "unusable", reason: messageOf(error) };
    this.#close();
  }

  #hear(message: Message, handle: unknown): void {
    switch (message.kind) {
      case "made":
        this.#madeAt = message.monotonicSeconds;
        this.#made.resolve(undefined);
        break;
      case "launched":
        this.#connections.resolve(this.#connected);
        this.#connected = [];
        this.#launched.resolve({
          made: timeUntil(this.#madeAt, this.#begunAt, monotonicNow()),
          launched: timeUntil(message.monotonicSeconds, this.#begunAt, monotonicNow()),
        });
        break;
      case "dumped":
        this.#dumped.resolve(message.sockets);
        break;
      case "undumpable":
        this.#dumped.reject(new FrugalError("host-unsupported", message.reason));
        break;
      case "listening":
        if (handle instanceof Server) this.#listener.resolve(handle);
        break;
      case "connected":
        if (handle instanceof Socket) this.#connected.push(handle.on("error", () => undefined));
        break;
      case "exited":
        this.#end ??= message;
        break;
      case "signalled":
        this.#end ??= { kind: "signalled", signal: signalName(message.signal) };
        break;
      case "unusable":
      case "lost":
      case "unrestorable":
        this.#end ??= message;
        break;
      default:
        message satisfies never;
    }
  }

  async #finish(gone: Promise<string | undefined>): Promise<UnitExit> {
    const problem = await gone;
    this.#isGone = true;
    const resources = await this.#prepared;
    for (const connection of this.#connected) connection.destroy();
    const end = this.#endOf(problem, resources?.outOfMemoryKills() ?? 0);
    const failure = endedEarly(end);
    for (const awaited of [this.#made, this.#launched, this.#connections, this.#dumped])
      awaited.reject(failure);
    await resources?.release();
    return end;
  }

  #endOf(problem: string | undefined, outOfMemoryKills: number): UnitExit {
    const end = this.#end ?? this.#endWithoutWord(problem);
    const isReported = end.kind === "unusable" || end.kind === "unrestorable";
    const isClean = isReported || (end.kind === "exited" && end.code === 0);
    return outOfMemoryKills > 0 && !isClean ? { kind: "out-of-memory" } : end;
  }

  #endWithoutWord(problem: string | undefined): UnitExit {
    if (problem !== undefined)
      return { kind: "unusable", reason: `the native init cannot be started: ${problem}` };
    return this.#isKilled
      ? { kind: "signalled", signal: "SIGKILL" }
      : { kind: "lost", reason: "the process that supervises its unit was killed" };
  }
}

const endedEarly = (end: UnitExit): FrugalError =>
  "reason" in end
    ? new FrugalError("host-unsupported", `The isolation unit could not be made: ${end.reason}`)
    : new FrugalError("internal", "The unit ended too early");

/** Resolves when the process has ended and its last message is heard; with the problem where it never started. */
function goneOf(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    let awaited = 2;
    const one = (): void => {
      if (--awaited === 0) resolve(undefined);
    };
    child.once("exit", one);
    child.once("disconnect", one);
    child.on("error", (error) => {
      if (child.pid === undefined) resolve(error.message);
    });
  });
}
