export type { BenchmarkFunction, Implementation, InputSize, Origin } from "./benchmark-function.ts";
export { inputSizes } from "./benchmark-function.ts";
export { type BenchmarkFunctionName, benchmarkFunctions } from "./registry.ts";
export { firstDifference, objectOf } from "./first-difference.ts";
export { readPng } from "./thumbnail/png.ts";
export type { BenchmarkWorkflow } from "./workflows/benchmark-workflow.ts";
export { benchmarkWorkflows } from "./workflows/index.ts";
