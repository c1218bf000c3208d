/**
 * The demo's hour: ten functions' real arrivals, derived from Azure's trace, as stored in `data/azure-2019-hour.json`.
 */
import { FrugalError, messageOf } from "@frugal/core";
import { type ArrivalPattern, isArrivalPattern } from "./arrival-pattern.ts";
import type { TraceSource } from "./trace-source.ts";

export const MINUTES_PER_HOUR = 60;

export interface DemoFunction {
  readonly pattern: ArrivalPattern;
  /** First digits of the function's hash in the source. */
  readonly hash: string;
  /** Line in the source. */
  readonly line: number;
  readonly invocations: number;
  /** Invocations of each minute of the hour. */
  readonly counts: readonly number[];
}

export interface DemoHour {
  readonly title: string;
  readonly source: TraceSource;
  /** How the functions and the hour were chosen. */
  readonly rule: string;
  /** The command that derives this again. */
  readonly command: string;
  /** Hour of the day, from 0. */
  readonly hour: number;
  readonly invocations: number;
  readonly functions: readonly DemoFunction[];
}

/** The hour as a JSON document, one function a line. */
export function formatDemoHour(hour: DemoHour): string {
  const { functions, ...head } = hour;
  const lines = functions.map((each) => `    ${JSON.stringify(each)}`);
  const opening = JSON.stringify(head, null, 2).replace(/\n\}$/, "");
  return `${opening},\n  "functions": [\n${lines.join(",\n")}\n  ]\n}\n`;
}

/** The hour that `text`, a document of `formatDemoHour`, holds. Throws `invalid-trace` where it holds none. */
export function parseDemoHour(text: string): DemoHour {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notAnHour(messageOf(error));
  }
  if (!isRecord(value)) throw notAnHour("it is no object");
  const { title, source, rule, command, hour, invocations, functions } = value;
  if (!isTraceSource(source)) throw notAnHour("its source is incomplete");
  if (typeof title !== "string" || typeof rule !== "string" || typeof command !== "string") {
    throw notAnHour("title, rule or command is missing");
  }
  if (!isCount(hour) || !isCount(invocations)) throw notAnHour("hour or invocations is missing");
  if (!Array.isArray(functions) || !functions.every(isDemoFunction)) {
    throw notAnHour(`a function does not have its ${MINUTES_PER_HOUR} counts`);
  }
  if (sum(functions.map((each) => each.invocations)) !== invocations) {
    throw notAnHour("its functions do not add up to its invocations");
  }
  return { title, source, rule, command, hour, invocations, functions };
}

const notAnHour = (problem: string): FrugalError =>
  new FrugalError(
    "invalid-trace",
    `The demo's hour cannot be read: ${problem}\nDerive it again: frugal derive demo-trace --from FILE`,
  );

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const isTraceSource = (value: unknown): value is TraceSource =>
  isRecord(value) &&
  ["name", "author", "licence", "attribution", "address", "file", "changes"].every(
    (key) => typeof value[key] === "string",
  ) &&
  isCount(value["functions"]) &&
  isCount(value["invocations"]);

function isDemoFunction(value: unknown): value is DemoFunction {
  if (!isRecord(value)) return false;
  const { pattern, hash, line, invocations, counts } = value;
  return (
    typeof hash === "string" &&
    isCount(line) &&
    typeof pattern === "string" &&
    isArrivalPattern(pattern) &&
    Array.isArray(counts) &&
    counts.length === MINUTES_PER_HOUR &&
    counts.every(isCount) &&
    sum(counts) === invocations
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
