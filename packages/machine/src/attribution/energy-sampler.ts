/**
 * Energy sampler: takes one sample of a live machine (its meter, its processors' use, the platform's own CPU time) for the
 * ledger. Whoever owns the timer calls it about once a second.
 */
import { type FunctionName, minus, type Seconds, seconds } from "@frugal/core";
import type { EnergyMeter, MonotonicClock } from "../energy/energy-meter.ts";
import { type CpuUsage, platformCpu } from "../host/cpu-usage.ts";
import type { EnergyLedger } from "./energy-ledger.ts";

export interface SamplerParts {
  readonly meter: EnergyMeter;
  readonly usage: Pick<CpuUsage, "machineBusy" | "close">;
  readonly ledger: EnergyLedger;
  readonly clock: MonotonicClock;
  /** CPU time of the platform's own process so far; only tests replace it. */
  readonly platformCpu?: () => Seconds;
}

export class EnergySampler {
  readonly #parts: SamplerParts;
  readonly #platformCpu: () => Seconds;
  #time: Seconds;
  #platform: Seconds;
  #machine: Seconds | undefined;

  /** Takes the first reading at once: energy counts from here. */
  constructor(parts: SamplerParts) {
    this.#parts = parts;
    this.#platformCpu = parts.platformCpu ?? platformCpu;
    this.#time = parts.clock.now();
    this.#platform = this.#platformCpu();
    this.#machine = this.#busy();
    this.#parts.ledger.record({
      elapsed: seconds(0),
      reading: parts.meter.measure(),
      cpu: { machine: seconds(0), platform: seconds(0), functions: new Map() },
    });
  }

  /** Records what happened since the previous sample; `functions` is the CPU time that each function used since then. */
  sample(functions: ReadonlyMap<FunctionName, Seconds>): void {
    const time = this.#parts.clock.now();
    const platform = this.#platformCpu();
    const machine = this.#busy();
    this.#parts.ledger.record({
      elapsed: minus(time, this.#time),
      reading: this.#parts.meter.measure(),
      cpu: {
        // Where the machine's use cannot be read, the known parts stand for it.
        machine:
          machine === undefined || this.#machine === undefined ? seconds(0) : minus(machine, this.#machine),
        platform: minus(platform, this.#platform),
        functions,
      },
    });
    this.#time = time;
    this.#platform = platform;
    this.#machine = machine ?? this.#machine;
  }

  /** Closes the files of meter and usage. */
  close(): void {
    this.#parts.meter.close();
    this.#parts.usage.close();
  }

  #busy(): Seconds | undefined {
    const busy = this.#parts.usage.machineBusy();
    return busy.kind === "busy" ? busy.time : undefined;
  }
}
