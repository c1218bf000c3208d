/**
 * Errors of regressions on executions that they were not fitted to.
 */
import type { GreyBoxOptions } from "../grey-box/grey-box-model.ts";
import { type RegressorName, regressors } from "../regression/index.ts";
import type { Sample } from "../regression/regressor.ts";
import type { StageObservation } from "../stage-model.ts";
import { ExecutionRows } from "./execution-rows.ts";
import type { Fold } from "./folds.ts";

export type Quantity = "latency" | "power";

/** An execution beside what was predicted of it. */
export interface HeldOut {
  readonly execution: StageObservation;
  readonly measured: number;
  readonly predicted: number;
}

/** What is asked: which regression of which quantity, and whether the counters of what is held out are known. */
export interface HoldOutQuestion {
  readonly regressor: RegressorName;
  readonly quantity: Quantity;
  /** `all`: those of all executions, for functions whose counters were read but whose like was never fitted. */
  readonly counters: "fitted" | "all";
}

/** Predicts each fold by a fit to everything outside it. Executions without a measured quantity are passed over. */
export function heldOut(
  observations: readonly StageObservation[],
  folds: readonly Fold[],
  options: GreyBoxOptions,
  question: HoldOutQuestion,
): readonly HeldOut[] {
  return folds.flatMap((fold) => {
    const outside = new Set(fold);
    const fitted = observations.filter((_, number) => !outside.has(number));
    const tested = fold.flatMap((number) => observations[number] ?? []);
    const rows = new ExecutionRows(options, question.counters === "all" ? observations : fitted);
    const cases = casesOf(fitted, rows, question.quantity);
    if (cases.length === 0) return [];
    const predictor = regressors[question.regressor].fit(sampleOf(cases));
    return casesOf(tested, rows, question.quantity).map(({ execution, row, measured }) => ({
      execution,
      measured,
      predicted: predictor.predict(row),
    }));
  });
}

interface Case {
  readonly execution: StageObservation;
  readonly row: Float64Array;
  readonly measured: number;
}

const casesOf = (
  observations: readonly StageObservation[],
  rows: ExecutionRows,
  quantity: Quantity,
): readonly Case[] =>
  observations.flatMap((execution) => {
    const measured = execution[quantity] ?? 0;
    const row = measured > 0 ? rows[quantity === "latency" ? "time" : "power"](execution) : undefined;
    return row === undefined ? [] : [{ execution, row, measured }];
  });

/** Errors count relative to what was measured, as the report counts them. */
const sampleOf = (cases: readonly Case[]): Sample => ({
  rows: cases.map(({ row }) => row),
  targets: Float64Array.from(cases, ({ measured }) => measured),
  weights: Float64Array.from(cases, ({ measured }) => 1 / measured ** 2),
});
