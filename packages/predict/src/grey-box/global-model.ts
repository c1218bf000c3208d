/**
 * What all functions have in common: the table of counters, and one set of weights each for time and for power.
 */
import type { ClockSetting, PayloadSize, StageKey } from "@frugal/core";
import type { CounterSet } from "../counters/counter-set.ts";
import { CounterTable } from "../counters/counter-table.ts";
import {
  type ClockShares,
  fillPowerFactors,
  fillTimeFactors,
  powerFactorCount,
  timeFactorCount,
} from "./clock-bases.ts";
import { LinearForm } from "./form/linear-form.ts";
import { powerTerms, timeTerms } from "./form/terms.ts";
import type { GreyBoxPrior } from "./prior.ts";

export class GlobalModel {
  readonly table: CounterTable;
  readonly time: LinearForm;
  readonly power: LinearForm;
  /** Counters, waiting time, 1. */
  readonly #features: Float64Array;
  readonly #rates: Float64Array;
  readonly #timeFactors = new Float64Array(timeFactorCount);
  readonly #powerFactors = new Float64Array(powerFactorCount);

  constructor(set: CounterSet, highest: ClockSetting, prior: GreyBoxPrior) {
    const counted = set.counters.length + 1;
    this.table = new CounterTable(counted);
    this.time = new LinearForm(timeTerms(set, highest, prior), timeFactorCount);
    this.power = new LinearForm(powerTerms(set, highest, prior), powerFactorCount);
    this.#features = new Float64Array(counted + 1).fill(1);
    this.#rates = new Float64Array(counted + 1).fill(1);
  }

  /** Takes up what the table says of a payload; false where the key was never seen. Everything below speaks of it. */
  look(key: StageKey, payload: PayloadSize): boolean {
    return this.table.interpolate(key, payload, this.#features);
  }

  /** Takes up counters with the waiting time. */
  lookAt(complete: Float64Array): void {
    for (let i = 0; i < complete.length; i++) {
      const value = complete[i] ?? NaN;
      this.#features[i] = Number.isNaN(value) ? 0 : value;
    }
  }

  /** Seconds in which no processor is busy. */
  get waiting(): number {
    return this.#features.at(-2) ?? 0;
  }

  /** Fills `out` with the seconds of the parts at the highest clocks. */
  timeParts(out: Float64Array): void {
    this.time.collapse(this.#features, out);
  }

  /** Fills `out` with the watts of each factor; `seconds`: the execution at the highest clocks. */
  powerParts(seconds: number, out: Float64Array): void {
    this.#takeRates(seconds);
    this.power.collapse(this.#rates, out);
  }

  /** What each weight of time is multiplied with. */
  timeRow(clocks: ClockShares): Float64Array {
    const row = new Float64Array(this.time.size);
    fillTimeFactors(clocks, this.#timeFactors);
    this.time.fillRow(this.#features, this.#timeFactors, row);
    return row;
  }

  /** What each weight of power is multiplied with; `seconds`: the execution at the highest clocks. */
  powerRow(clocks: ClockShares, seconds: number): Float64Array {
    const row = new Float64Array(this.power.size);
    this.#takeRates(seconds);
    fillPowerFactors(clocks, this.#powerFactors);
    this.power.fillRow(this.#rates, this.#powerFactors, row);
    return row;
  }

  /** Errors of time count relative to the time. */
  learnTime(clocks: ClockShares, seconds: number): void {
    fillTimeFactors(clocks, this.#timeFactors);
    this.time.learn(this.#features, this.#timeFactors, seconds, 1 / seconds);
  }

  /** Errors of power count in watts. */
  learnPower(clocks: ClockShares, seconds: number, watts: number): void {
    this.#takeRates(seconds);
    fillPowerFactors(clocks, this.#powerFactors);
    this.power.learn(this.#rates, this.#powerFactors, watts, 1);
  }

  #takeRates(seconds: number): void {
    for (let i = 0; i < this.#rates.length - 1; i++) this.#rates[i] = (this.#features[i] ?? 0) / seconds;
  }
}
