export {
  type Counter,
  type CounterSet,
  counterSets,
  hardwareCounters,
  type Part,
  softwareCounters,
} from "./counters/counter-set.ts";
export { CounterTable } from "./counters/counter-table.ts";
export type { CurveEntry } from "./counters/payload-curve.ts";
export { type FitReport, fitReport, type FunctionErrors } from "./evaluation/fit-report.ts";
export { meanAbsolutePercentageError } from "./evaluation/mape.ts";
export type { FitQuality } from "./grey-box/fit-quality.ts";
export { GreyBoxModel, type GreyBoxOptions } from "./grey-box/grey-box-model.ts";
export type { GreyBoxState } from "./grey-box/model-state.ts";
export { assumedPrior, type GreyBoxPrior } from "./grey-box/prior.ts";
export { deriveReferenceClocks } from "./reference-server/derive/derive-reference-clocks.ts";
export { parseReferenceClocks, referenceClocksFile } from "./reference-server/reference-clocks.ts";
export { ReferenceMachine } from "./reference-server/reference-machine.ts";
export type { TimeShares } from "./reference-server/time-shares.ts";
export { type RegressorName, regressorNames, regressors } from "./regression/index.ts";
export type { Predictor, Regressor, Sample } from "./regression/regressor.ts";
export type { StageModel, StageObservation, TypicalWork } from "./stage-model.ts";
export { type PayloadWork, type WorkPaths, workOf } from "./workload/payload-work.ts";
