/**
 * Invokes from several sides, makes templates again and again, and meanwhile kills what it has picked at random. An error is
 * no fault where a kill explains it.
 */
import type { Random } from "@frugal/core";
import {
  type Answer,
  type FunctionName,
  functionNames,
  type PlatformUnderFire,
  type Start,
} from "./platform-under-fire.ts";
import { type HostProcess, platformProcesses } from "./platform-processes.ts";

interface Kill {
  readonly target: string;
  readonly at: number;
  readonly pid: number;
}

interface Target {
  readonly name: string;
  readonly weight: number;
  readonly fits: (one: HostProcess) => boolean;
}

const onServing: readonly Target[] = [
  { name: "pager", weight: 5, fits: ({ role }) => role === "pager" },
  { name: "worker at work", weight: 6, fits: (one) => one.role === "worker" && one.isRestoring },
  { name: "waiting worker", weight: 2, fits: (one) => one.role === "worker" && !one.isRestoring },
  { name: "supervisor", weight: 4, fits: ({ role }) => role === "supervisor" },
  { name: "first process", weight: 4, fits: ({ role }) => role === "first-process" },
  { name: "restoring function", weight: 5, fits: (one) => one.role === "function" && one.isRestoring },
  { name: "function", weight: 5, fits: (one) => one.role === "function" && !one.isRestoring },
  { name: "daemon", weight: 1, fits: ({ role }) => role === "daemon" },
];

const onTemplates: readonly Target[] = [
  { name: "template's function", weight: 3, fits: (one) => one.role === "function" && one.isTemplate },
  { name: "template's worker", weight: 3, fits: (one) => one.role === "worker" && one.isTemplate },
  {
    name: "template's first process",
    weight: 2,
    fits: (one) => one.role === "first-process" && one.isTemplate,
  },
  { name: "template's supervisor", weight: 2, fits: (one) => one.role === "supervisor" && one.isTemplate },
  { name: "copier", weight: 3, fits: ({ role }) => role === "copier" },
  { name: "rehearsal's worker", weight: 2, fits: (one) => one.role === "worker" && one.isRestoring },
  { name: "rehearsal's pager", weight: 1, fits: ({ role }) => role === "pager" },
  { name: "builder", weight: 1, fits: ({ role }) => role === "daemon" },
];

const starts: readonly (Start | undefined)[] = [
  undefined,
  undefined,
  "boot",
  "eager",
  "lazy",
  "prefetch",
  "pooled",
  "pooled",
];

const CLIENTS = 4;
const LONGEST_PAUSE_MS = 250;
/** Kills between two looks at the snapshots; every third time these are made anew under fire. */
const ROUND = 15;
const TEMPLATE_ROUND = 6;
/** How long it looks out for what it has picked; another comes then. */
const LOOK_OUT_MS = 400;
/** A kill may show in an invocation that begins a little later. */
const AFTERMATH_MS = 1500;
/** Some seconds, and as much again where something hangs until its time is over. */
const LONGEST_BUILD_MS = 12_000;
const MOST_ATTEMPTS = 3;

export class Rampage {
  readonly faults: string[] = [];
  readonly #platform: PlatformUnderFire;
  readonly #random: Random;
  readonly #kills: Kill[] = [];
  readonly #counts = new Map<string, number>();
  #slowest = 0;
  #isOver = false;
  /** Set while nothing is to be invoked. */
  #calm: Promise<void> | undefined;

  constructor(platform: PlatformUnderFire, random: Random) {
    this.#platform = platform;
    this.#random = random;
  }

  async run(kills: number): Promise<void> {
    const clients = Array.from({ length: CLIENTS }, (_, index) => this.#invokeOn(index));
    for (let round = 0; this.#kills.length < kills && this.faults.length < 20; round++) {
      await this.#inCalm(async () => {
        if (round % 3 === 1) for (const name of functionNames) await this.#buildUnderFire(name);
        for (const name of functionNames) await this.#platform.buildSnapshot(name);
      });
      const until = this.#kills.length + ROUND;
      while (this.#kills.length < Math.min(until, kills)) await this.#killNext(onServing);
    }
    this.#isOver = true;
    await Promise.all(clients);
    for (const name of functionNames) await this.#platform.buildSnapshot(name);
  }

  summary(): object {
    return {
      ...Object.fromEntries([...this.#counts].sort()),
      slowestMilliseconds: Math.round(this.#slowest),
    };
  }

  async #killNext(targets: readonly Target[]): Promise<void> {
    await pause(this.#random.next() * LONGEST_PAUSE_MS);
    const ended = this.#platform.ending();
    if (ended !== undefined) {
      this.faults.push(`the daemon ended: ${ended}`);
      await this.#platform.restart();
    }
    const target = this.#pick(targets);
    const until = performance.now() + LOOK_OUT_MS;
    while (performance.now() < until) {
      const found = platformProcesses(this.#platform.daemon).filter(target.fits);
      const victim = found[Math.floor(this.#random.next() * found.length)];
      if (victim === undefined) {
        await pause(1);
        continue;
      }
      await this.#kill(target.name, victim.pid);
      return;
    }
  }

  #pick(targets: readonly Target[]): Target {
    let left = this.#random.next() * targets.reduce((sum, { weight }) => sum + weight, 0);
    const found = targets.find(({ weight }) => (left -= weight) < 0);
    if (found === undefined) throw new Error("the weights do not add up");
    return found;
  }

  async #kill(target: string, pid: number): Promise<void> {
    this.#kills.push({ target, pid, at: performance.now() });
    this.#count(`kills: ${target}`);
    if (pid === this.#platform.daemon) {
      await this.#inCalm(() => this.#platform.killDaemon());
      return;
    }
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      this.#count(`ended before: ${target}`);
    }
  }

  async #invokeOn(index: number): Promise<void> {
    for (let id = index; !this.#isOver; id = (id + CLIENTS) % 64) {
      await this.#calm;
      const name = one(functionNames, this.#random);
      const start = one(starts, this.#random);
      const began = performance.now();
      const answer = await this.#platform.invoke(name, id, start);
      const took = performance.now() - began;
      this.#slowest = Math.max(this.#slowest, took);
      this.#count(`answers: ${answer.kind === "error" ? answer.code : answer.kind}`);
      const story = `${name} by ${start ?? "any start"}, ${took.toFixed(0)} ms`;
      const fault = this.#faultOf(answer, began);
      if (fault === undefined) continue;
      const kills = this.#killsSince(began).map(
        ({ target, at, pid }) => `${target} ${pid} at ${(at - began).toFixed(0)}`,
      );
      const logs = await this.#platform.logs(name, 3).catch(() => []);
      this.faults.push(`${story}: ${fault}\n  kills: ${kills.join(", ")}\n  ${logs.join("\n  ")}`);
    }
  }

  /** Nothing new is invoked until `action` is done. */
  async #inCalm(action: () => Promise<void>): Promise<void> {
    const outer = this.#calm;
    const done = action();
    this.#calm = done;
    try {
      await done;
    } finally {
      this.#calm = outer;
    }
  }

  /** Has a new snapshot made, and kills what makes it: it is made, or not. */
  async #buildUnderFire(name: FunctionName): Promise<void> {
    await this.#platform.removeSnapshots(name);
    const until = this.#kills.length + TEMPLATE_ROUND / 2;
    while (this.#kills.length < until) {
      const began = performance.now();
      const build = this.#platform.buildSnapshot(name).then(
        () => this.#count("snapshots: made"),
        () => this.#count("snapshots: not made"),
      );
      await this.#killNext(onTemplates);
      await build;
      const took = performance.now() - began;
      if (took > LONGEST_BUILD_MS) this.faults.push(`the snapshot of ${name} took ${took.toFixed(0)} ms`);
      await this.#platform.removeSnapshots(name);
    }
  }

  #killsSince(began: number): readonly Kill[] {
    return this.#kills.filter(({ at }) => at >= began - AFTERMATH_MS);
  }

  /**
   * What is wrong with `answer`; undefined where it is right, or an error that kills explain: that of its function, or those
   * of whatever else in all attempts.
   */
  #faultOf(answer: Answer, began: number): string | undefined {
    if (answer.kind === "right") return undefined;
    if (answer.kind === "wrong" || answer.kind === "hung") return JSON.stringify(answer);
    const kills = this.#killsSince(began);
    if (kills.some(({ target }) => target === "daemon" || target === "builder")) return undefined;
    const ofFunction = kills.filter(({ target }) => target.includes("function"));
    const isCrash = answer.kind === "error" && answer.text.includes("Runtime.ExitError");
    const isLoss = answer.kind === "error" && answer.text.includes("was lost");
    const isExplained = (isCrash && ofFunction.length > 0) || (isLoss && kills.length >= MOST_ATTEMPTS);
    return isExplained ? undefined : JSON.stringify(answer);
  }

  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }
}

const one = <T>(items: readonly T[], random: Random): T =>
  items[Math.floor(random.next() * items.length)] as T;
const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
