/**
 * A grey-box model as JSON, so that what was learnt outlives the process that learnt it.
 */
import { FrugalError, parseStageKey, type StageKey } from "@frugal/core";
import type { CurveEntry } from "../counters/payload-curve.ts";
import type { ClockSpreadState, ClockSums } from "./clock-spread.ts";
import type { LinearFormState } from "./form/linear-form.ts";

/** One of a function's last executions: the payload's size, seconds, watts, and the clocks as shares of the highest. */
export interface ExecutionState {
  readonly payload: number;
  readonly latency: number;
  readonly power: number | null;
  readonly core: number;
  readonly uncore: number;
}

interface FunctionModelState {
  readonly key: StageKey;
  /** Of the variant among its function's last executions. */
  readonly weight: number;
  readonly entries: readonly CurveEntry[];
  readonly recent: readonly ExecutionState[];
}

export interface GreyBoxState {
  readonly version: 2;
  /** The set of counters and the highest clocks (hertz, null where there is none) that it was made with. */
  readonly counters: string;
  readonly highest: { readonly core: number; readonly uncore: number | null };
  readonly latency: LinearFormState;
  readonly power: LinearFormState;
  readonly spread: ClockSpreadState;
  /** Executions since the last fit of the weights. */
  readonly unfitted: number;
  readonly functions: readonly FunctionModelState[];
}

/** `value` as a model's state; `invalid-request` where it is none. */
export function parseGreyBoxState(value: unknown): GreyBoxState {
  if (isState(value)) return value;
  if (isVersioned(value) && value.version !== 2)
    throw unusableModel(`it is of version ${value.version}, and this platform's are of version 2`);
  throw unusableModel("it lacks fields, or some are out of range");
}

/** Why a stored model cannot be taken up, with what to do. */
export const unusableModel = (reason: string): FrugalError =>
  new FrugalError(
    "invalid-request",
    `Cannot use this as a model of functions: ${reason}\n` +
      "Make it again with frugal calibrate, or remove the file: the platform learns anew",
  );

type Check<T> = (value: unknown) => value is T;

const isText: Check<string> = (value): value is string => typeof value === "string";
const isAmount: Check<number> = (value): value is number =>
  typeof value === "number" && value >= 0 && Number.isFinite(value);
const isPositive: Check<number> = (value): value is number => isAmount(value) && value > 0;
const isFinite: Check<number> = (value): value is number =>
  typeof value === "number" && Number.isFinite(value);
const isKey: Check<StageKey> = (value): value is StageKey =>
  isText(value) && parseStageKey(value) !== undefined;
const isMaybe =
  <T>(is: Check<T>): Check<T | null> =>
  (value): value is T | null =>
    value === null || is(value);
const isList =
  <T>(is: Check<T>): Check<readonly T[]> =>
  (value): value is readonly T[] =>
    Array.isArray(value) && value.every((item) => is(item));
/** An object whose every field passes its check. */
const isRecord =
  <T extends object>(checks: { readonly [K in keyof T]: Check<T[K]> }): Check<T> =>
  (value): value is T => {
    if (typeof value !== "object" || value === null) return false;
    const fields = new Map<string, unknown>(Object.entries(value));
    return Object.entries<Check<unknown>>(checks).every(([name, is]) => is(fields.get(name)));
  };

const isVersioned = isRecord<{ readonly version: number }>({ version: isAmount });
const isVersion: Check<2> = (value): value is 2 => value === 2;
const isSums = isRecord<ClockSums>({ sum: isAmount, squares: isAmount });
const isFit = isRecord<LinearFormState>({
  rows: isAmount,
  gram: isList(isFinite),
  right: isList(isFinite),
  weights: isList(isAmount),
});
const isEntry = isRecord<CurveEntry>({
  payload: isAmount,
  count: isAmount,
  means: isList(isMaybe(isFinite)),
  reads: isList(isAmount),
});
const isExecution = isRecord<ExecutionState>({
  payload: isAmount,
  latency: isPositive,
  power: isMaybe(isAmount),
  core: isPositive,
  uncore: isPositive,
});
const isState = isRecord<GreyBoxState>({
  version: isVersion,
  counters: isText,
  highest: isRecord({ core: isPositive, uncore: isMaybe(isPositive) }),
  latency: isFit,
  power: isFit,
  spread: isRecord<ClockSpreadState>({ executions: isAmount, core: isSums, uncore: isSums }),
  unfitted: isAmount,
  functions: isList(
    isRecord<FunctionModelState>({
      key: isKey,
      weight: isAmount,
      entries: isList(isEntry),
      recent: isList(isExecution),
    }),
  ),
});
