/**
 * What a function's log consists of: its output, and a report of the platform at the end of every invocation.
 */
import { inMebibytes, inMilliseconds, type EnergyReading, type Seconds } from "@frugal/core";
import type { LogStream } from "@frugal/sandbox";
import type { InvocationResult } from "../platform/platform.ts";
import type { FunctionDefinition } from "../registry/definition.ts";

interface LogBase {
  /** UTC, ISO 8601. */
  readonly time: string;
  readonly function: string;
}

export interface OutputRecord extends LogBase {
  readonly stream: LogStream;
  /** Undefined outside invocations and where it cannot be told. */
  readonly requestId?: string;
  readonly text: string;
}

/** The platform's facts about an invocation that ended. */
export interface InvocationReport {
  /** How it ended: `success`, `function-error`, or the code of the error that ended or refused it. */
  readonly outcome: string;
  readonly message?: string;
  readonly start?: string;
  readonly startKind?: string;
  readonly initMs?: number;
  readonly waitMs?: number;
  readonly durationMs?: number;
  readonly memoryMiB: number;
  readonly joules?: number;
  readonly energy?: string;
}

interface ReportRecord extends LogBase {
  readonly stream: "platform";
  readonly requestId: string;
  readonly report: InvocationReport;
}

/** The platform's own remark, such as how many records were dropped. */
interface NoteRecord extends LogBase {
  readonly stream: "platform";
  readonly text: string;
}

export type LogRecord = OutputRecord | ReportRecord | NoteRecord;

/** Enough to tell a record from damage. */
export const isLogRecord = (value: unknown): value is LogRecord =>
  typeof value === "object" &&
  value !== null &&
  "time" in value &&
  "stream" in value &&
  ("text" in value || "report" in value);

/** Three decimals: microseconds. */
const rounded = (time: Seconds): number => Math.round(inMilliseconds(time) * 1000) / 1000;

export function reportOf({ memory }: FunctionDefinition, result: InvocationResult): InvocationReport {
  const memoryMiB = inMebibytes(memory);
  if (result.kind === "refused")
    return { outcome: result.error.code, message: result.error.message, memoryMiB };
  const { outcome, start, startKind, phases, wait, duration, energy } = result;
  return {
    outcome: outcome.kind === "lost" ? outcome.error.code : outcome.kind,
    ...(outcome.kind === "lost" ? { message: outcome.error.message } : {}),
    start,
    ...(startKind === undefined ? {} : { startKind }),
    ...(phases === undefined ? {} : { initMs: rounded(phases.init) }),
    waitMs: rounded(wait),
    durationMs: rounded(duration),
    memoryMiB,
    ...energyOfReport(energy),
  };
}

const energyOfReport = (energy: EnergyReading): Pick<InvocationReport, "joules" | "energy"> =>
  energy.kind === "energy"
    ? { joules: energy.joules, energy: `${energy.quality}, ${energy.source}` }
    : { energy: `unavailable: ${energy.reason}` };

/** START, as AWS Lambda writes it. */
export const startLine = (requestId: string): string => `START RequestId: ${requestId} Version: $LATEST`;

/** END and REPORT, as AWS Lambda writes them, with the energy; before them what went wrong, where something did. */
export function endLines(requestId: string, report: InvocationReport): string {
  const figures = [
    `REPORT RequestId: ${requestId}`,
    ...(report.durationMs === undefined ? [] : [`Duration: ${report.durationMs.toFixed(2)} ms`]),
    ...(report.waitMs === undefined ? [] : [`Wait: ${report.waitMs.toFixed(2)} ms`]),
    `Memory Size: ${report.memoryMiB} MB`,
    ...(report.initMs === undefined ? [] : [`Init Duration: ${report.initMs.toFixed(2)} ms`]),
    ...(report.joules === undefined
      ? []
      : [`Energy: ${report.joules.toPrecision(3)} J (${report.energy ?? ""})`]),
    ...(report.outcome === "success" ? [] : [`Status: ${report.outcome}`]),
  ];
  const lines = [`END RequestId: ${requestId}`, figures.join("\t")];
  return (report.message === undefined ? lines : [`${requestId} ${report.message}`, ...lines]).join("\n");
}

/** A record's text for people. */
export const textOf = (record: LogRecord): string =>
  "report" in record ? endLines(record.requestId, record.report) : record.text;
