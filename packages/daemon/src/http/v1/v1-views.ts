/**
 * Functions, invocations and statistics as /v1 shows them.
 */
import { type EnergyReading, inMebibytes, type Seconds } from "@frugal/core";
import type { FunctionError } from "@frugal/sandbox";
import type { z } from "zod";
import type { FunctionStatistics, InvocationResult, PlatformStatistics } from "../../platform/platform.ts";
import type { AsyncInvocation } from "../../queue/async-invocation.ts";
import type { FunctionDefinition } from "../../registry/definition.ts";
import { functionArn } from "../../registry/function-arn.ts";
import type { StoredFunction } from "../../registry/function-store.ts";
import { functionErrorOf } from "../function-failure.ts";
import type {
  energySchema,
  energyStatisticsSchema,
  functionSchema,
  invocationSchema,
  statisticsSchema,
} from "./v1-schemas.ts";

type EnergyView = z.infer<typeof energySchema>;
/** Without its result, which is added as it came. */
type InvocationView = Omit<z.infer<typeof invocationSchema>, "result">;

export function energyView(reading: EnergyReading): EnergyView {
  if (reading.kind === "unavailable") return { kind: "unavailable", reason: reading.reason };
  const { kind, joules, source, quality, interval, detail } = reading;
  return { kind, joules, source, quality, intervalSeconds: interval, detail };
}

export function functionView({ definition, settings }: StoredFunction): z.infer<typeof functionSchema> {
  const { name, revision, codeSha256, codeSize, lastModified } = definition;
  return {
    name,
    arn: functionArn(name),
    revision,
    ...settings,
    memoryMiB: inMebibytes(definition.memory),
    codeSha256,
    codeSizeBytes: codeSize,
    lastModified,
  };
}

export const statisticsView = (statistics: FunctionStatistics): z.infer<typeof statisticsSchema> => ({
  instances: statistics.instances,
  waiting: statistics.waiting,
  invocations: statistics.invocations,
  errors: statistics.errors,
  refused: statistics.refused,
  coldStarts: statistics.coldStarts,
  cpuSeconds: statistics.cpu,
  energy: energyView(statistics.energy),
});

export const energyStatisticsView = ({
  functions,
  energy,
}: PlatformStatistics): z.infer<typeof energyStatisticsSchema> => ({
  total: energyView(energy.total),
  idle: energy.idle,
  functionsJoules: energy.functionsJoules,
  functions: functions.map(({ name, energy: own }) => ({ name, energy: energyView(own) })),
});

/** A synchronous invocation that was executed, or failed by its function's fault before. */
export function invocationView(
  definition: FunctionDefinition,
  result: InvocationResult,
  log: string | undefined,
): InvocationView {
  const failure = functionErrorOf(definition, result);
  return {
    requestId: result.requestId,
    function: definition.name,
    state: failure === undefined ? "succeeded" : "failed",
    ...(failure === undefined ? {} : { error: errorView(failure) }),
    ...(result.kind === "executed" ? executionView(result) : {}),
    ...(log === undefined ? {} : { log }),
  };
}

export function asyncInvocationView(invocation: AsyncInvocation): InvocationView {
  const base = {
    requestId: invocation.requestId,
    function: invocation.function,
    state: invocation.kind,
    attempts: invocation.attempts,
    acceptedAt: instant(invocation.acceptedAt),
  };
  switch (invocation.kind) {
    case "queued":
      return { ...base, nextAttemptAt: instant(invocation.nextAttemptAt) };
    case "running":
      return base;
    case "succeeded":
      return { ...base, finishedAt: instant(invocation.finishedAt), ...factsView(invocation.facts) };
    case "failed": {
      const { error, finishedAt, facts } = invocation;
      const view =
        error.kind === "function-error"
          ? errorView(error.error)
          : { errorType: error.error.code, errorMessage: error.error.message };
      return { ...base, error: view, finishedAt: instant(finishedAt), ...factsView(facts) };
    }
  }
}

/** The JSON of `view` with `result` in it as it came: numbers keep their digits. What is no JSON becomes a string. */
export function withResult(view: InvocationView, result: Uint8Array): Buffer {
  const text = Buffer.from(result.buffer, result.byteOffset, result.byteLength).toString();
  return Buffer.from(
    `${JSON.stringify(view).slice(0, -1)},"result":${isJson(text) ? text : JSON.stringify(text)}}`,
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const errorView = ({
  errorType,
  errorMessage,
  stackTrace,
}: FunctionError): NonNullable<InvocationView["error"]> => ({
  errorType,
  errorMessage,
  ...(stackTrace === undefined ? {} : { stackTrace: [...stackTrace] }),
});

const executionView = ({
  start,
  startKind,
  startEnergy,
  phases,
  wait,
  duration,
  energy,
  counters,
}: InvocationResult & { readonly kind: "executed" }): Partial<InvocationView> => ({
  start,
  ...(startKind === undefined ? {} : { startKind }),
  ...(startEnergy === undefined ? {} : { startEnergy: energyView(startEnergy) }),
  ...(phases === undefined
    ? {}
    : {
        startPhases: {
          unitSeconds: phases.unit,
          restoreSeconds: phases.restore,
          runtimeSeconds: phases.runtime,
          initSeconds: phases.init,
        },
      }),
  waitSeconds: wait,
  durationSeconds: duration,
  energy: energyView(energy),
  counters: { ...counters },
});

const factsView = (
  facts: (AsyncInvocation & { readonly kind: "failed" })["facts"],
): Partial<InvocationView> =>
  facts === undefined
    ? {}
    : {
        start: facts.start,
        waitSeconds: facts.wait,
        durationSeconds: facts.duration,
        energy: energyView(facts.energy),
      };

const instant = (time: Seconds): string => new Date(time * 1000).toISOString();
