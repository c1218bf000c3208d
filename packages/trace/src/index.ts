export { type ArrivalGenerator, type MinuteGenerator } from "./arrivals/arrival-generator.ts";
export { type ArrivalGeneratorName, arrivalGenerators } from "./arrivals/arrival-generators.ts";
export { type Arrival, type ArrivalOptions, arrivalsOf, type ArrivalSource } from "./arrivals/arrivals.ts";
export type { FunctionTrace, TraceProblem } from "./azure-2019/function-trace.ts";
export {
  InvocationsReader,
  readInvocations,
  type TraceItem,
  unreadableTrace,
} from "./azure-2019/invocations-reader.ts";
export { type CsvItem, CsvScanner } from "./csv/csv-scanner.ts";
export { type ArrivalPattern, arrivalPatterns, patternOf } from "./demo-hour/arrival-pattern.ts";
export { type DemoFunction, type DemoHour, formatDemoHour, parseDemoHour } from "./demo-hour/demo-hour.ts";
export { deriveDemoHour } from "./demo-hour/derive-demo-hour.ts";
export { invitroThousand, type TraceSource } from "./demo-hour/trace-source.ts";
