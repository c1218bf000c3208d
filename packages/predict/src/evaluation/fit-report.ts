/**
 * How well the models predict: errors by function and kind of regression (kypous, table 2), on what they were not fitted to.
 *
 * Payload out: payloads of a function that were never fitted, their counters interpolated from its others (the paper's test). Function
 * out: functions that were never fitted, their own counters known. Online: each execution predicted by the grey-box model
 * from those before it, as the platform does; needs clocks on the grid.
 */
import { gridSize, type Ratio, ratio, type StageKey } from "@frugal/core";
import { GreyBoxModel, type GreyBoxOptions } from "../grey-box/grey-box-model.ts";
import { type RegressorName, regressorNames } from "../regression/index.ts";
import type { StageObservation } from "../stage-model.ts";
import { functionFolds, payloadFolds } from "./folds.ts";
import { type HeldOut, heldOut, type Quantity } from "./hold-out.ts";
import { meanAbsolutePercentageError } from "./mape.ts";

/** Mean absolute percentage errors, as shares; undefined where there was nothing to hold out. */
interface HoldOutErrors {
  readonly payloadOut: Ratio | undefined;
  readonly functionOut: Ratio | undefined;
}

type ErrorsByRegressor = Readonly<Record<RegressorName, HoldOutErrors>>;

/** Of a function, or of a variant of one. */
export interface FunctionErrors {
  readonly key: StageKey;
  readonly executions: number;
  readonly latency: ErrorsByRegressor;
  readonly power: ErrorsByRegressor;
  readonly online: Ratio | undefined;
}

export interface FitReport {
  /** In order of appearance. */
  readonly functions: readonly FunctionErrors[];
  /** Means over the functions. */
  readonly latency: ErrorsByRegressor;
  readonly power: ErrorsByRegressor;
  readonly online: Ratio | undefined;
  /** The regression with the least error of latency, payloads out if there are such. */
  readonly best: RegressorName | undefined;
  /** The counters that were read. */
  readonly counters: readonly string[];
  readonly hasHardwareCounters: boolean;
  /** What the errors rest on, for people, one sentence each. */
  readonly statements: readonly string[];
}

type Results = Readonly<
  Record<Quantity, Readonly<Record<RegressorName, readonly [readonly HeldOut[], readonly HeldOut[]]>>>
>;

export function fitReport(observations: readonly StageObservation[], options: GreyBoxOptions): FitReport {
  const results: Results = {
    latency: byRegressor((name) => bothHeldOut(observations, options, name, "latency")),
    power: byRegressor((name) => bothHeldOut(observations, options, name, "power")),
  };
  const online = onlinePredictions(observations, options);
  const functions = [...new Set(observations.map(({ key }) => key))].map((key): FunctionErrors => {
    const isOfIt = ({ execution }: HeldOut): boolean => execution.key === key;
    return {
      key,
      executions: observations.filter((each) => each.key === key).length,
      latency: byRegressor((name) => errorsOf(results.latency[name], isOfIt)),
      power: byRegressor((name) => errorsOf(results.power[name], isOfIt)),
      online: meanAbsolutePercentageError(online.filter(isOfIt)),
    };
  });
  const latency = byRegressor((name) => meanErrors(functions.map((each) => each.latency[name])));
  const counters = options.counters.counters
    .filter((_, at) => observations.some((each) => !Number.isNaN(each.counters[at] ?? NaN)))
    .map(({ name }) => name);
  return {
    functions,
    latency,
    power: byRegressor((name) => meanErrors(functions.map((each) => each.power[name]))),
    online: meanOf(functions.map((each) => each.online)),
    best: bestOf(latency),
    counters,
    hasHardwareCounters: options.counters.isHardware && counters.length > 0,
    statements: statementsOf(observations, options, counters),
  };
}

const byRegressor = <T>(of: (name: RegressorName) => T): Readonly<Record<RegressorName, T>> => ({
  linear: of("linear"),
  "non-negative": of("non-negative"),
  tree: of("tree"),
  boosted: of("boosted"),
});

const bothHeldOut = (
  observations: readonly StageObservation[],
  options: GreyBoxOptions,
  regressor: RegressorName,
  quantity: Quantity,
): readonly [readonly HeldOut[], readonly HeldOut[]] => [
  heldOut(observations, payloadFolds(observations), options, { regressor, quantity, counters: "fitted" }),
  heldOut(observations, functionFolds(observations), options, { regressor, quantity, counters: "all" }),
];

const errorsOf = (
  [payloadOut, functionOut]: readonly [readonly HeldOut[], readonly HeldOut[]],
  isCounted: (each: HeldOut) => boolean,
): HoldOutErrors => ({
  payloadOut: meanAbsolutePercentageError(payloadOut.filter(isCounted)),
  functionOut: meanAbsolutePercentageError(functionOut.filter(isCounted)),
});

const meanErrors = (errors: readonly HoldOutErrors[]): HoldOutErrors => ({
  payloadOut: meanOf(errors.map(({ payloadOut }) => payloadOut)),
  functionOut: meanOf(errors.map(({ functionOut }) => functionOut)),
});

function meanOf(values: readonly (Ratio | undefined)[]): Ratio | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : ratio(known.reduce((sum, value) => sum + value, 0) / known.length);
}

function bestOf(errors: ErrorsByRegressor): RegressorName | undefined {
  const errorOf = (name: RegressorName): number =>
    errors[name].payloadOut ?? errors[name].functionOut ?? Infinity;
  const [best] = regressorNames.toSorted((a, b) => errorOf(a) - errorOf(b));
  return best !== undefined && errorOf(best) < Infinity ? best : undefined;
}

function onlinePredictions(
  observations: readonly StageObservation[],
  options: GreyBoxOptions,
): readonly HeldOut[] {
  const model = new GreyBoxModel(options);
  const { core, uncore } = options.grid;
  const latencies = new Float64Array(gridSize(options.grid));
  const powers = new Float64Array(gridSize(options.grid));
  return observations.flatMap((execution) => {
    const { key, payload, clocks, latency } = execution;
    const atCore = clocks === undefined ? core.length - 1 : core.indexOf(clocks.core);
    const atUncore = clocks?.uncore === undefined ? uncore.length - 1 : uncore.indexOf(clocks.uncore);
    const at = atCore * Math.max(1, uncore.length) + Math.max(0, atUncore);
    const isKnown = atCore >= 0 && model.predict(key, payload, latencies, powers);
    const predicted = latencies[at] ?? NaN;
    model.observe(execution);
    return isKnown ? [{ execution, measured: latency, predicted }] : [];
  });
}

function statementsOf(
  observations: readonly StageObservation[],
  options: GreyBoxOptions,
  counters: readonly string[],
): readonly string[] {
  const model = new GreyBoxModel(options);
  for (const each of observations) model.observe(each);
  const read =
    counters.length === 0 ? "No counters were read" : `Counters that were read: ${counters.join(", ")}`;
  return [`${read}; beside them, the time that no processor was busy.`, ...model.fitQuality().statements];
}
