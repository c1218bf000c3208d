/**
 * Runs the plan's starts, one at a time, and keeps a sample of each.
 *
 * Each cache is a block, the warm one first, so that none undoes another; in a block, rounds of one start of each function
 * and kind in random order, so that a machine that gets slower hurts all of them alike. A start that became another kind than
 * wished for is no sample. Caches are only touched between starts.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "@frugal/core";
import type { StartFunction } from "./functions/start-function.ts";
import { PageCache } from "./page-cache/page-cache.ts";
import type { RestoreFigures, SnapshotFigures } from "./platform/snapshot-source.ts";
import type { StartPlatform } from "./platform/start-platform.ts";
import type { LeftOut, StartSample } from "./result/start-sample.ts";
import { type Cache, reachedBy, shuffled, type StartKind, type StartPlan } from "./start-plan.ts";

interface StartRunsParts {
  readonly platform: StartPlatform;
  readonly functions: readonly StartFunction[];
  readonly plan: StartPlan;
  readonly random: Random;
  readonly note: (line: string) => void;
}

interface Pair {
  readonly fn: StartFunction;
  readonly kind: StartKind;
}

const ATTEMPTS = 3;
/** For the platform to fill its pool again. */
const RETRY_PAUSE_MS = 300;
/** After all caches were dropped: for what the kernel and the platform read again on their own account. */
const COLD_SETTLE_MS = 100;
/** The figures of a restore come when its instance has ended. */
const FIGURES_PATIENCE_MS = 500;

export class StartRuns {
  readonly #parts: StartRunsParts;
  readonly #pageCache: PageCache | undefined;
  /** Pairs that were started as wished before. */
  readonly #started = new Set<Pair>();
  readonly samples: StartSample[] = [];
  readonly leftOut: LeftOut[] = [];

  constructor(parts: StartRunsParts) {
    this.#parts = parts;
    this.#pageCache = parts.plan.caches.some((cache) => cache !== "warm") ? PageCache.open() : undefined;
  }

  /** `lacking`: functions without a snapshot, and why. Resolves when all blocks are done. */
  async run(lacking: ReadonlyMap<string, string>): Promise<void> {
    const { functions, plan } = this.#parts;
    const pairs = new Set(functions.flatMap((fn) => plan.kinds.map((kind): Pair => ({ fn, kind }))));
    for (const pair of pairs) {
      const reason = pair.kind === "boot" ? undefined : lacking.get(pair.fn.name);
      if (reason !== undefined) this.#leaveOut(pairs, pair, reason);
    }
    // Brings into the page cache what no start has read yet.
    if (plan.isComplete) await this.#round("warm", pairs);
    this.samples.length = 0;
    for (const [i, cache] of plan.caches.entries()) {
      const share = (plan.endMs - performance.now()) / (plan.caches.length - i);
      await this.#block(cache, pairs, performance.now() + share);
    }
  }

  async #block(cache: Cache, pairs: Set<Pair>, end: number): Promise<void> {
    const { plan, note } = this.#parts;
    let longest = 0;
    for (let round = 1; round <= plan.runs; round++) {
      const began = performance.now();
      if (began + longest > end) {
        note(
          `${cache}: ${plan.runs - round + 1} of ${plan.runs} rounds left out, for they would take too long`,
        );
        return;
      }
      const starts = await this.#round(cache, pairs);
      const took = performance.now() - began;
      longest = Math.max(longest, took);
      note(`${cache}: round ${round}/${plan.runs}, ${starts} starts in ${(took / 1000).toFixed(1)} s`);
    }
  }

  /**
   * One start of each pair, unless the plan's time is over before; answers how many that were. Those that the platform never
   * starts as wished are left out from then on.
   */
  async #round(cache: Cache, pairs: Set<Pair>): Promise<number> {
    const { plan, random } = this.#parts;
    let starts = 0;
    for (const pair of shuffled([...pairs], random)) {
      // performance.now() counts from the process's begin.
      if (performance.now() > plan.endMs) break;
      starts++;
      const became = await this.#sample(cache, pair);
      if (became === undefined) this.#started.add(pair);
      else if (this.#started.has(pair))
        this.#parts.note(`no ${pair.kind} of ${pair.fn.name} this time, but ${became}`);
      else this.#leaveOut(pairs, pair, `wished for, but it became ${became}`);
    }
    return starts;
  }

  #leaveOut(pairs: Set<Pair>, pair: Pair, reason: string): void {
    pairs.delete(pair);
    this.leftOut.push({ function: pair.fn.name, kind: pair.kind, reason });
  }

  /** Undefined once there is a sample; else what the start became each time. */
  async #sample(cache: Cache, { fn, kind }: Pair): Promise<string | undefined> {
    const { platform } = this.#parts;
    let became = "";
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      await platform.untilIdle(fn.name);
      const before = kind === "boot" ? undefined : await platform.snapshots.figuresOf(fn.name);
      const residentBytes = await this.#set(cache, fn.name);
      const { ms, start } = await platform.start(fn, kind);
      if (start.isCold && start.kind === reachedBy(kind)) {
        const restore = before === undefined ? undefined : await this.#restoreAfter(fn.name, before);
        this.samples.push({
          function: fn.name,
          cache,
          kind,
          ms,
          phases: start.phases,
          restore,
          workingSetBytes: before?.workingSetBytes,
          residentBytes,
        });
        return undefined;
      }
      became = start.isCold ? start.kind : "no start at all";
      await delay(RETRY_PAUSE_MS);
    }
    return became;
  }

  /** Puts the caches into the state that is measured; what stayed of the function's own files where they were dropped. */
  async #set(cache: Cache, name: string): Promise<number | undefined> {
    if (this.#pageCache === undefined || cache === "warm") return undefined;
    const folders = await this.#parts.platform.foldersOf(name);
    const { residentBytes } = this.#pageCache.drop(folders);
    if (cache === "snapshot-cold") return residentBytes;
    this.#pageCache.dropAll();
    await delay(COLD_SETTLE_MS);
    return residentBytes;
  }

  /** Of the restore that followed `before`; undefined where its figures do not come. */
  async #restoreAfter(name: string, before: SnapshotFigures): Promise<RestoreFigures | undefined> {
    const { snapshots } = this.#parts.platform;
    const end = performance.now() + FIGURES_PATIENCE_MS;
    while (performance.now() < end) {
      const now = await snapshots.figuresOf(name);
      if (now?.id !== before.id) return undefined;
      if (now.starts > before.starts) return snapshots.lastRestore(now.id);
      await delay(5);
    }
    return undefined;
  }
}
