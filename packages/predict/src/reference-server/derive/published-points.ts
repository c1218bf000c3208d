/**
 * What kypous (Leveraging Core and Uncore Frequency Scaling for Power-Efficient Serverless Workflows, sections 3 and 5.5)
 * publishes of its servers, and the shares of a function's time that follow from it.
 */
import type { ClockRange } from "../reference-clocks.ts";
import type { TimeShares } from "../time-shares.ts";

export interface PublishedFunction {
  readonly name: string;
  readonly className: string;
  /** Share of the latency that raising the core clock from the lowest to the highest takes away. */
  readonly coreCut: number;
  /** Share of the latency that is added by choosing the uncore clock instead of leaving it to the hardware. */
  readonly uncoreLoss: number;
}

export const publishedPoints = {
  coreClocks: { lowestHertz: 1.2e9, highestHertz: 2.5e9, stepHertz: 1e8 },
  uncoreClocks: { lowestHertz: 1.2e9, highestHertz: 2.9e9, stepHertz: 1e8 },
  /** Share of the power that choosing the uncore clock saves, at the highest core clock. */
  uncoreSaving: 0.235,
  /** Cores that a function keeps busy. */
  coresPerFunction: 2,
  sockets: 2,
  coresPerSocket: 10,
  functions: [
    { name: "video-processing", className: "compute-bound", coreCut: 0.5, uncoreLoss: 0.1 },
    { name: "thumbnailer", className: "memory-bound", coreCut: 0.3, uncoreLoss: 0.003 },
  ],
} as const satisfies {
  readonly coreClocks: ClockRange;
  readonly uncoreClocks: ClockRange;
  readonly functions: readonly PublishedFunction[];
  readonly [name: string]: unknown;
};

/**
 * The only shares at which the two published figures of a function hold, the chosen uncore clock being the lowest. Their
 * memory share is negative where no shares do.
 */
export function sharesOf({ coreCut, uncoreLoss }: PublishedFunction): TimeShares {
  const { coreClocks, uncoreClocks } = publishedPoints;
  const core = (1 / (1 - coreCut) - 1) / (coreClocks.highestHertz / coreClocks.lowestHertz - 1);
  const uncore = uncoreLoss / (uncoreClocks.highestHertz / uncoreClocks.lowestHertz - 1);
  return { core, uncore, memory: 1 - core - uncore };
}
