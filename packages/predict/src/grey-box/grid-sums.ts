/**
 * Latency and power of every setting of a grid. Both are sums of something of the core's clock and something of the uncore's, so
 * that each clock is looked at once and a setting costs two additions.
 */
import type { ClockBases } from "./clock-bases.ts";

export class GridSums {
  readonly #bases: ClockBases;
  readonly #uncoreTime: Float64Array;
  readonly #uncorePower: Float64Array;

  constructor(bases: ClockBases) {
    this.#bases = bases;
    this.#uncoreTime = new Float64Array(bases.uncore.length);
    this.#uncorePower = new Float64Array(bases.uncore.length);
  }

  /** Fills `latencies` and `powers` from the factors' seconds and watts, by the settings' numbers. */
  fill(time: Float64Array, power: Float64Array, latencies: Float64Array, powers: Float64Array): void {
    const { core, uncore } = this.#bases;
    const uncoreTime = this.#uncoreTime;
    const uncorePower = this.#uncorePower;
    const width = uncore.length;
    for (let u = 0; u < width; u++) {
      const x = uncore[u] ?? 1;
      uncoreTime[u] = (time[1] ?? 0) / x + (time[2] ?? 0);
      uncorePower[u] = cubic(power, 3, x) + (power[6] ?? 0);
    }
    for (let c = 0, at = 0; c < core.length; c++) {
      const x = core[c] ?? 1;
      const coreTime = (time[0] ?? 0) / x;
      const corePower = cubic(power, 0, x);
      for (let u = 0; u < width; u++, at++) {
        latencies[at] = coreTime + (uncoreTime[u] ?? 0);
        powers[at] = corePower + (uncorePower[u] ?? 0);
      }
    }
  }
}

/** The weighted sum of x, x^2 and x^3. */
const cubic = (weights: Float64Array, from: number, x: number): number =>
  x * ((weights[from] ?? 0) + x * ((weights[from + 1] ?? 0) + x * (weights[from + 2] ?? 0)));
