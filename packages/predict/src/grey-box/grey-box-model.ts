/**
 * The grey-box model: latency and power of a function at every setting of the clocks, from its payload.
 *
 * Payload -> counters (table) -> time of the parts (one set of weights for all functions) -> the function's own correction -> grid.
 *   T(CF, UF) = Wc/CF + Wu/UF + Wd, each W a sum of weight x counter over the counters of its part
 *   P(CF, UF) = likewise with what clocks do to power (`clock-bases.ts`) and the counters' rates at the highest clocks
 * Counters that grow with time are kept as they would be at the highest clocks. The weights are fitted anew every few executions,
 * a function's correction when it is next needed. Source: kypous, section 5.1; power's form, the correction, waiting
 * time as a feature and the recursive fit are ours.
 *
 * Invariants (cited by the tests):
 *   G1  latency never rises with a clock, power never falls with one
 *   G2  a grid's numbers are those of its settings, each by itself
 *   G3  the same observations give the same model (I7), through JSON too, whatever was asked of it in between
 */
import {
  type ClockGrid,
  type FunctionName,
  gridSize,
  type PayloadSize,
  payloadSize,
  type Ratio,
  ratio,
  type StageKey,
} from "@frugal/core";
import type { CounterSet } from "../counters/counter-set.ts";
import type { StageModel, StageObservation, TypicalWork } from "../stage-model.ts";
import { ClockBases, type ClockShares, powerFactorCount, timeFactorCount } from "./clock-bases.ts";
import { ClockSpread } from "./clock-spread.ts";
import { atHighestClocks, completeCounters } from "./execution-counters.ts";
import { type FitQuality, fitQuality } from "./fit-quality.ts";
import { FunctionModel, restoredFunction } from "./function/function-model.ts";
import { Variants } from "./function/variants.ts";
import { GlobalModel } from "./global-model.ts";
import { GridSums } from "./grid-sums.ts";
import { type GreyBoxState, parseGreyBoxState, unusableModel } from "./model-state.ts";
import { assumedPrior, type GreyBoxPrior } from "./prior.ts";

/** The weights are fitted anew after this many executions ... */
const REFIT_EVERY = 16;
/** ... and, once they come from many, after this share of them: a few more hardly change them. */
const REFIT_SHARE = 1 / 32;

export interface GreyBoxOptions {
  readonly grid: ClockGrid;
  readonly counters: CounterSet;
  /** Undefined: the assumed one. */
  readonly prior: GreyBoxPrior | undefined;
}

export class GreyBoxModel implements StageModel {
  readonly grid: ClockGrid;
  readonly #set: CounterSet;
  readonly #bases: ClockBases;
  readonly #global: GlobalModel;
  readonly #functions = new Map<StageKey, FunctionModel>();
  readonly #variants = new Variants();
  readonly #spread = new ClockSpread();
  readonly #sums: GridSums;
  readonly #time = new Float64Array(timeFactorCount);
  readonly #power = new Float64Array(powerFactorCount);
  /** Executions since the last fit. */
  #unfitted = 0;

  constructor({ grid, counters, prior }: GreyBoxOptions) {
    this.grid = grid;
    this.#set = counters;
    this.#bases = new ClockBases(grid);
    this.#global = new GlobalModel(counters, this.#bases.highest, prior ?? assumedPrior);
    this.#sums = new GridSums(this.#bases);
  }

  /** The model that `toJSON` gave out; `invalid-request` where it was made of other counters or for other clocks. */
  static fromJSON(value: unknown, options: GreyBoxOptions): GreyBoxModel {
    const model = new GreyBoxModel(options);
    model.#restore(parseGreyBoxState(value));
    return model;
  }

  keyFor(key: StageKey): StageKey {
    return this.#variants.keyFor(key);
  }

  predict(key: StageKey, payload: PayloadSize, latencies: Float64Array, powers: Float64Array): boolean {
    const size = gridSize(this.grid);
    if (latencies.length < size || powers.length < size)
      throw new RangeError(`${size} settings do not fit arrays of ${latencies.length} and ${powers.length}`);
    const known = this.#known(key);
    if (known === undefined || !this.#global.look(key, payload)) return false;
    known.fillParts(this.#global, this.#time, this.#power);
    this.#sums.fill(this.#time, this.#power, latencies, powers);
    return true;
  }

  typical(fn: FunctionName): TypicalWork | undefined {
    const key = this.#variants.mostFrequent(fn);
    const known = key === undefined ? undefined : this.#functions.get(key);
    if (key === undefined || known === undefined) return undefined;
    return { key, payload: payloadSize(known.recent.medianPayload) };
  }

  deviation(key: StageKey): Ratio | undefined {
    const deviation = this.#known(key)?.deviation;
    return deviation === undefined ? undefined : ratio(deviation);
  }

  /** A RangeError where the latency is not positive, or the counters are not of the model's set. */
  observe(seen: StageObservation): void {
    const key = this.keyFor(seen.key);
    const observation = key === seen.key ? seen : { ...seen, key };
    const { payload, latency, power } = observation;
    if (!(latency > 0 && latency < Infinity))
      throw new RangeError(`Cannot learn from a latency of ${latency} s: it must be positive`);
    const clocks = this.#bases.sharesOf(observation.clocks);
    const known = this.#functions.get(key) ?? new FunctionModel();
    // What follows sees the function as it was before this execution, whether or not somebody asked for it meanwhile.
    if (observation.clocks !== undefined || power !== undefined) known.correct(key, this.#global);
    const complete = completeCounters(this.#set, this.#bases.highest, observation, clocks);
    atHighestClocks(this.#set, complete, clocks, this.#paceOf(observation, known, complete, clocks));
    this.#global.table.observe(key, payload, complete);
    this.#learn(observation, known, clocks);
    this.#functions.set(key, known);
    this.#variants.count(key);
    known.observe({ payload, latency, power: power !== undefined && power > 0 ? power : NaN, ...clocks });
    this.#spread.add(clocks);
    this.#unfitted++;
    if (this.#unfitted >= Math.max(REFIT_EVERY, this.#global.time.rows * REFIT_SHARE)) this.#refit();
    // Who runs at set clocks is paced: the correction is made now, so that the next decision need not wait for it.
    if (observation.clocks !== undefined) known.correct(key, this.#global);
  }

  forget(fn: FunctionName): void {
    for (const key of this.#variants.of(fn)) {
      this.#functions.delete(key);
      this.#global.table.forget(key);
    }
    this.#variants.forget(fn);
  }

  /** What the predictions rest on. */
  fitQuality(): FitQuality {
    return fitQuality(this.#set, this.#spread, this.#global.time, this.#global.power);
  }

  toJSON(): GreyBoxState {
    const { core, uncore } = this.#bases.highest;
    return {
      version: 2,
      counters: this.#set.name,
      highest: { core, uncore: uncore ?? null },
      latency: this.#global.time.state,
      power: this.#global.power.state,
      spread: this.#spread.state,
      unfitted: this.#unfitted,
      functions: Array.from(this.#functions, ([key, known]) => ({
        key,
        weight: this.#variants.weightOf(key),
        entries: this.#global.table.entriesOf(key),
        recent: known.rows,
      })),
    };
  }

  /** Undefined where the key was never seen; its correction is of the present weights. */
  #known(key: StageKey): FunctionModel | undefined {
    const known = this.#functions.get(key);
    known?.correct(key, this.#global);
    return known;
  }

  /** How long the execution's busy time would be at the highest clocks, as a share of what it was. */
  #paceOf(
    { key, payload }: StageObservation,
    known: FunctionModel,
    complete: Float64Array,
    clocks: ClockShares,
  ): number {
    if (clocks.core === 1 && clocks.uncore === 1) return 1;
    if (!this.#global.look(key, payload)) this.#global.lookAt(complete);
    known.fillParts(this.#global, this.#time, this.#power);
    const [core = 0, uncore = 0, memory = 0] = this.#time;
    const busyMemory = Math.max(0, memory - this.#global.waiting);
    const there = core + uncore + busyMemory;
    return there > 0 ? there / (core / clocks.core + uncore / clocks.uncore + busyMemory) : 1;
  }

  /** Learns an execution whose counters are in the table: the weights see them as later predictions will. */
  #learn(
    { key, payload, latency, power }: StageObservation,
    known: FunctionModel,
    clocks: ClockShares,
  ): void {
    this.#global.look(key, payload);
    this.#global.learnTime(clocks, latency);
    if (power === undefined || !(power >= 0 && power < Infinity)) return;
    const seconds = known.fillParts(this.#global, this.#time, this.#power);
    this.#global.learnPower(clocks, seconds, power);
  }

  #refit(): void {
    this.#unfitted = 0;
    this.#global.time.refit();
    this.#global.power.refit();
    for (const known of this.#functions.values()) known.outdate();
  }

  #restore(state: GreyBoxState): void {
    const { core, uncore } = this.#bases.highest;
    if (
      state.counters !== this.#set.name ||
      state.highest.core !== core ||
      state.highest.uncore !== (uncore ?? null)
    )
      throw unusableModel(
        `it was made of ${state.counters} counters for clocks up to ${state.highest.core} and ` +
          `${state.highest.uncore ?? "no"} Hz, and here are ${this.#set.name} counters and clocks up to ` +
          `${core} and ${uncore ?? "no"} Hz`,
      );
    const width = this.#set.counters.length + 1;
    const areWhole = state.functions.every(({ entries }) =>
      entries.every(({ means, reads }) => means.length === width && reads.length === width),
    );
    const { time, power } = this.#global;
    if (!areWhole || !time.restore(state.latency) || !power.restore(state.power))
      throw unusableModel("its numbers are not as many as the counters need");
    this.#spread.restore(state.spread);
    this.#unfitted = state.unfitted;
    for (const { key, weight, entries, recent } of state.functions) {
      this.#global.table.restore(key, entries);
      this.#functions.set(key, restoredFunction(recent));
      this.#variants.restore(key, weight);
    }
  }
}
