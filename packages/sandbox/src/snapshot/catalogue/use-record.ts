/**
 * How often snapshots are started and what each start saves: what eviction weighs. Kept over restarts, because it takes
 * hours to learn.
 *
 * A rate is a count of starts, each of which fades over the memory time: frequent now counts more than frequent once.
 */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { hours, inMilliseconds, milliseconds, type Seconds } from "@frugal/core";
import { writeDurably } from "./disk/durable-file.ts";

const MEMORY = hours(6);
/** Weight of the newest start in the average of what starts save. */
const NEWEST = 0.25;
/** What starts of a snapshot save before one was measured. */
const EXPECTED_MILLISECONDS = 100;
/** Starts, faded. */
const FORGOTTEN = 0.01;

const useSchema = z.strictObject({
  /** 1/s at the wall time `at`. */
  rate: z.number().nonnegative(),
  at: z.number(),
  savedMilliseconds: z.number(),
});
const recordSchema = z.record(z.string(), useSchema);
type Use = z.infer<typeof useSchema>;

export interface SnapshotUse {
  /** 1/s. */
  readonly startRate: number;
  readonly savedPerStart: Seconds;
}

export class UseRecord {
  readonly #path: string;
  readonly #uses: Map<string, Use>;

  private constructor(path: string, uses: Map<string, Use>) {
    this.#path = path;
    this.#uses = uses;
  }

  /** A file that cannot be read is as good as none. */
  static async open(path: string): Promise<UseRecord> {
    try {
      const record = recordSchema.parse(JSON.parse(await readFile(path, "utf8")));
      return new UseRecord(path, new Map(Object.entries(record)));
    } catch {
      return new UseRecord(path, new Map());
    }
  }

  /**
   * A start of the snapshot `id` at the wall time `now` that was so much faster than one without it; undefined where that is
   * not known.
   */
  started(id: string, saved: Seconds | undefined, now: Seconds): void {
    const use = this.#uses.get(id);
    const known =
      use?.savedMilliseconds ?? (saved === undefined ? EXPECTED_MILLISECONDS : inMilliseconds(saved));
    this.#uses.set(id, {
      rate: (use === undefined ? 0 : faded(use, now)) + 1 / MEMORY,
      at: now,
      savedMilliseconds: saved === undefined ? known : known + NEWEST * (inMilliseconds(saved) - known),
    });
  }

  /** A snapshot made at `made` and never started is expected to be: somebody asked for its function. */
  of(id: string, made: Seconds, now: Seconds): SnapshotUse {
    const use = this.#uses.get(id) ?? {
      rate: 1 / MEMORY,
      at: made,
      savedMilliseconds: EXPECTED_MILLISECONDS,
    };
    return { startRate: faded(use, now), savedPerStart: milliseconds(Math.max(0, use.savedMilliseconds)) };
  }

  forget(id: string): void {
    this.#uses.delete(id);
  }

  /** Those that were not started for long are forgotten. */
  async save(now: Seconds): Promise<void> {
    const kept = [...this.#uses].filter(([, use]) => faded(use, now) * MEMORY > FORGOTTEN);
    await writeDurably(this.#path, `${JSON.stringify(Object.fromEntries(kept))}\n`);
  }
}

/** The wall clock may jump back; nothing grows by that. */
const faded = ({ rate, at }: Use, now: Seconds): number => rate * Math.exp(-Math.max(0, now - at) / MEMORY);
