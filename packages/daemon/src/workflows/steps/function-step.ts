/**
 * The invocation of a function as a step of a run: its outcome, and what is noted of it.
 */
import type { Json, StepOutcome } from "@frugal/control";
import type { PaceFacts } from "../../platform/pace/pace-facts.ts";
import type { InvocationResult } from "../../platform/platform.ts";
import type { StageClocks, StageEntry } from "../store/run.ts";
import { withoutEnergy } from "../runner/energy-sum.ts";
import { faultOf, faultOfReport } from "./step-faults.ts";

/** What an invocation tells of a stage, beside its times as a step. */
type InvocationFacts = Pick<
  StageEntry,
  "wait" | "duration" | "budget" | "slack" | "core" | "uncore" | "clocks" | "energy" | "startKind"
>;

/** Undefined where the platform is ending: the step has no outcome yet, and is executed again when the run goes on. */
export function outcomeOf(result: InvocationResult): StepOutcome | undefined {
  if (result.kind === "refused") return outcomeOfError(result.error);
  const { outcome } = result;
  switch (outcome.kind) {
    case "success":
      return { kind: "success", output: jsonOrText(outcome.payload) };
    case "function-error": {
      const { errorType, errorMessage } = outcome.error;
      return { kind: "fault", fault: faultOf("runtime", 500, errorType, errorMessage) };
    }
    case "lost":
      return outcomeOfError(outcome.error);
  }
}

const outcomeOfError = (error: Parameters<typeof faultOfReport>[0]): StepOutcome | undefined =>
  error.code === "shutting-down" ? undefined : { kind: "fault", fault: faultOfReport(error) };

/** Functions answer with JSON; what a custom runtime sends besides is text. */
function jsonOrText(payload: Uint8Array): Json {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString();
  if (text === "") return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

export function invocationFacts(result: InvocationResult): InvocationFacts {
  if (result.kind === "refused") return { ...withoutInvocation, energy: withoutEnergy.notExecuted };
  const { wait, duration, energy, start, startKind, pace } = result;
  return {
    wait,
    duration,
    budget: pace?.budget,
    slack: pace?.slack,
    core: pace?.inForce?.core,
    uncore: pace?.inForce?.uncore,
    clocks: clocksOf(pace),
    energy,
    startKind: start === "warm" ? "warm" : startKind,
  };
}

/** Of what is no invocation, or was none in the end. */
export const withoutInvocation: Omit<InvocationFacts, "energy"> = {
  wait: undefined,
  duration: undefined,
  budget: undefined,
  slack: undefined,
  core: undefined,
  uncore: undefined,
  clocks: "unpaced",
  startKind: undefined,
};

function clocksOf(pace: PaceFacts | undefined): StageClocks {
  switch (pace?.state) {
    case "set":
    case "dry-run":
      return pace.state;
    case "held":
    case "failed":
      return "unavailable";
    case "left":
    case undefined:
      return "unpaced";
  }
}
