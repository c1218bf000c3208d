/**
 * Executions as rows of a regression: what each weight of the grey-box form is multiplied with, known before the execution: from
 * its key, payload and clocks alone.
 *
 * The table has, of each payload of a function, the counters of the highest clocks at which it was executed, as the paper's has
 * those of one default setting. Where that is not the machine's highest, counters that grow with time are converted by the prior.
 */
import type { CounterSet } from "../counters/counter-set.ts";
import { ClockBases, type ClockShares, timeFactorCount } from "../grey-box/clock-bases.ts";
import { atHighestClocks, completeCounters } from "../grey-box/execution-counters.ts";
import { GlobalModel } from "../grey-box/global-model.ts";
import type { GreyBoxOptions } from "../grey-box/grey-box-model.ts";
import { assumedPrior, type GreyBoxPrior } from "../grey-box/prior.ts";
import type { StageObservation } from "../stage-model.ts";
import { payloadGroups } from "./folds.ts";

export class ExecutionRows {
  readonly #set: CounterSet;
  readonly #bases: ClockBases;
  readonly #prior: GreyBoxPrior;
  /** Never fitted: its table, and its prior's guess of the time at the highest clocks for the rates. */
  readonly #global: GlobalModel;
  readonly #time = new Float64Array(timeFactorCount);

  /** `known`: the executions whose counters may be used. */
  constructor({ grid, counters, prior }: GreyBoxOptions, known: readonly StageObservation[]) {
    this.#set = counters;
    this.#bases = new ClockBases(grid);
    this.#prior = prior ?? assumedPrior;
    this.#global = new GlobalModel(counters, this.#bases.highest, this.#prior);
    for (const groups of payloadGroups(known).values())
      for (const group of groups) this.#takeHighest(group.flatMap((number) => known[number] ?? []));
  }

  /** Of the form of time; undefined where nothing is known of the key. */
  time({ key, payload, clocks }: StageObservation): Float64Array | undefined {
    return this.#global.look(key, payload) ? this.#global.timeRow(this.#bases.sharesOf(clocks)) : undefined;
  }

  /** Of the form of power. */
  power({ key, payload, clocks }: StageObservation): Float64Array | undefined {
    if (!this.#global.look(key, payload)) return undefined;
    this.#global.timeParts(this.#time);
    const seconds = this.#time.reduce((sum, part) => sum + part, 0);
    return this.#global.powerRow(this.#bases.sharesOf(clocks), Math.max(seconds, Number.MIN_VALUE));
  }

  #takeHighest(executions: readonly StageObservation[]): void {
    const clocksOf = ({ clocks }: StageObservation): ClockShares => this.#bases.sharesOf(clocks);
    const core = Math.max(...executions.map((each) => clocksOf(each).core));
    const atCore = executions.filter((each) => clocksOf(each).core === core);
    const uncore = Math.max(...atCore.map((each) => clocksOf(each).uncore));
    for (const execution of atCore) {
      const clocks = clocksOf(execution);
      if (clocks.uncore !== uncore) continue;
      const complete = completeCounters(this.#set, this.#bases.highest, execution, clocks);
      atHighestClocks(this.#set, complete, clocks, this.#paceOf(clocks));
      this.#global.table.observe(execution.key, execution.payload, complete);
    }
  }

  #paceOf({ core, uncore }: ClockShares): number {
    const { shares } = this.#prior;
    return 1 / (shares.core / core + shares.uncore / uncore + shares.memory);
  }
}
