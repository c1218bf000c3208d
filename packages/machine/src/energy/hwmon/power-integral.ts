/**
 * Energy from power sensors: the sum of their power over time.
 *
 * Between two readings the power of this moment is taken to change evenly (trapezoid); a sensor that averages already gives
 * the average of the time behind it. A gap that is too long for either is not bridged.
 */
import {
  type EnergyUnavailable,
  energyOf,
  joules,
  minus,
  plus,
  scaled,
  type Seconds,
  seconds,
  type Watts,
  watts,
  wattsFromMicrowatts,
} from "@frugal/core";
import { PseudoFile } from "../../host/pseudo-file.ts";
import type { CounterReading } from "../counter-set.ts";
import { parseCounter } from "../energy-counter.ts";
import type { MonotonicClock } from "../energy-meter.ts";
import type { HwmonChannel } from "./hwmon-channel.ts";

/** Two readings further apart say nothing about the time between. */
const LONGEST_GAP = seconds(30);

type PowerReading = { readonly kind: "power"; readonly power: Watts } | EnergyUnavailable;

export class PowerIntegral {
  readonly #channels: readonly HwmonChannel[];
  readonly #files: readonly PseudoFile[];
  readonly #averages: boolean;
  readonly #clock: MonotonicClock;
  #before: { readonly time: Seconds; readonly power: Watts } | undefined;

  /** `averages`: whether the sensors give the average power of the time behind them instead of the power of this moment. */
  constructor(channels: readonly HwmonChannel[], averages: boolean, clock: MonotonicClock) {
    this.#channels = channels;
    this.#files = channels.map((channel) => new PseudoFile(channel.path));
    this.#averages = averages;
    this.#clock = clock;
  }

  measure(): CounterReading {
    const time = this.#clock.now();
    const reading = this.#read();
    if (reading.kind === "unavailable") {
      // Without this reading the time on both its sides is unknown.
      this.#before = undefined;
      return reading;
    }
    const before = this.#before;
    const interval = before === undefined ? seconds(0) : minus(time, before.time);
    if (before === undefined || interval > 0) this.#before = { time, power: reading.power };
    if (before === undefined || !(interval > 0))
      return { kind: "counted", energy: joules(0), interval: seconds(0) };
    if (interval > LONGEST_GAP) {
      return { kind: "unavailable", reason: `The power sensors were not read for ${interval.toFixed(1)} s` };
    }
    const power = this.#averages ? reading.power : scaled(plus(before.power, reading.power), 0.5);
    return { kind: "counted", energy: energyOf(power, interval), interval };
  }

  close(): void {
    for (const file of this.#files) file.close();
  }

  #read(): PowerReading {
    let sum = watts(0);
    for (const [i, channel] of this.#channels.entries()) {
      const read = this.#files[i]?.read();
      if (read?.kind !== "text") {
        return {
          kind: "unavailable",
          reason: `Cannot read the sensor ${channel.name}: ${read?.reason ?? channel.path}`,
        };
      }
      const microwatts = parseCounter(read.text);
      if (microwatts === undefined) {
        const reason = `The sensor ${channel.name} is no number: ${channel.path} has ${JSON.stringify(read.text)}`;
        return { kind: "unavailable", reason };
      }
      sum = plus(sum, wattsFromMicrowatts(Number(microwatts)));
    }
    if (sum > 0) return { kind: "power", power: sum };
    return { kind: "unavailable", reason: "All power sensors read 0 W, which no running machine draws" };
  }
}
