/**
 * Which snapshots make room for others: those that save the least start time for their size.
 *
 * Invariants (cited by the tests):
 *   V1  a snapshot in use is never chosen
 *   V2  none is chosen that saves more per byte than one that was spared, unless that one is in use
 *   V3  without the last one chosen, not enough would be freed; where all together are not enough, all are chosen
 */
import type { Bytes, Seconds } from "@frugal/core";

export interface EvictionCandidate {
  readonly id: string;
  readonly size: Bytes;
  /** Of each start, against a start without the snapshot. */
  readonly savedPerStart: Seconds;
  /** 1/s. */
  readonly startRate: number;
  readonly isInUse: boolean;
}

/** The ids of those to remove so that `excess` bytes become free. */
export function chooseVictims(candidates: readonly EvictionCandidate[], excess: Bytes): readonly string[] {
  const victims: string[] = [];
  let freed = 0;
  const idle = candidates.filter(({ isInUse }) => !isInUse);
  for (const { id, size } of idle.sort((a, b) => valueOf(a) - valueOf(b))) {
    if (freed >= excess) break;
    victims.push(id);
    freed += size;
  }
  return victims;
}

/** Seconds saved per second and byte. */
export const valueOf = ({ savedPerStart, startRate, size }: EvictionCandidate): number =>
  (savedPerStart * startRate) / Math.max(1, size);
