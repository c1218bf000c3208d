/**
 * One isolation unit as the native init makes it (`native/init.c`): its own namespaces, cgroups, root and user.
 *
 * The init is spawned at once and reads its plan from standard input, so that its start and the preparation of cgroup and
 * network overlap. Closing the control channel ends the unit, also when this process dies.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { Server } from "node:net";
import type { Duplex, Readable } from "node:stream";
import { FrugalError, messageOf, type Seconds } from "@frugal/core";
import { monotonicNow, timeUntil } from "../../host/monotonic-clock.ts";
import { deferred } from "../deferred.ts";
import { encodedPlan, type PlanRecord } from "./plan.ts";
import { signalName } from "./signal-name.ts";
import { unitPipes } from "../unit-pipes.ts";
import type { Isolation, Unit, UnitExit } from "../unit.ts";

/** What the unit holds on the host. */
export interface UnitResources {
  readonly plan: readonly PlanRecord[];
  cpuTime(): Seconds | undefined;
  outOfMemoryKills(): number;
  /** Called before the unit's processes are killed. */
  expedite(): void;
  /** Called once, when the init has ended and with it every process of the unit. */
  release(): Promise<void>;
}

/** Messages of the init, as `native/control.c` writes them. */
type Message =
  /** CLOCK_MONOTONIC, when the command ran. */
  | { readonly kind: "launched"; readonly monotonicSeconds: number }
  | { readonly kind: "listening" }
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signalled"; readonly signal: number }
  | { readonly kind: "unusable"; readonly reason: string };

export class IsolatedUnit implements Unit {
  readonly isolation: Isolation = { kind: "isolated" };
  readonly channel: Duplex;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<UnitExit>;
  readonly #launched = deferred<Seconds>();
  readonly #listener = deferred<Server>();
  readonly #startedAt = monotonicNow();
  readonly #child: ChildProcess;
  readonly #prepared: Promise<UnitResources | undefined>;
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
    this.#launched.promise.catch(() => undefined);
    this.#prepared = this.#prepare(prepare);
    this.exited = this.#finish(gone);
  }

  get launched(): Promise<Seconds> {
    return this.#launched.promise;
  }

  get listener(): Promise<Server> {
    return this.#listener.promise;
  }

  cpuTime(): Seconds | undefined {
    return this.#resources?.cpuTime();
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
      if (!this.#isKilled) this.#child.stdin?.end(encodedPlan(resources.plan));
      return resources;
    } catch (error) {
      this.#end ??= { kind: "unusable", reason: messageOf(error) };
      this.#close();
      return undefined;
    }
  }

  #hear(message: Message, handle: unknown): void {
    switch (message.kind) {
      case "launched":
        this.#launched.resolve(timeUntil(message.monotonicSeconds, this.#startedAt, monotonicNow()));
        break;
      case "listening":
        if (handle instanceof Server) this.#listener.resolve(handle);
        break;
      case "exited":
        this.#end ??= message;
        break;
      case "signalled":
        this.#end ??= { kind: "signalled", signal: signalName(message.signal) };
        break;
      case "unusable":
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
    const end = this.#endOf(problem, resources?.outOfMemoryKills() ?? 0);
    this.#launched.reject(
      new FrugalError(
        end.kind === "unusable" ? "host-unsupported" : "internal",
        end.kind === "unusable"
          ? `The isolation unit could not be made: ${end.reason}`
          : "The unit ended before its command ran",
      ),
    );
    await resources?.release();
    return end;
  }

  #endOf(problem: string | undefined, outOfMemoryKills: number): UnitExit {
    const end: UnitExit =
      this.#end ??
      (problem === undefined
        ? { kind: "signalled", signal: "SIGKILL" }
        : { kind: "unusable", reason: `the native init cannot be started: ${problem}` });
    const isClean = end.kind === "unusable" || (end.kind === "exited" && end.code === 0);
    return outOfMemoryKills > 0 && !isClean ? { kind: "out-of-memory" } : end;
  }
}

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
