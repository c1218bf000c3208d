import type { InvocationNumber, Seconds } from "@frugal/core";
import type { InvokeRequest } from "@frugal/sandbox";
import type { FunctionDefinition } from "../registry/definition.ts";
import type { FunctionTally } from "./tally/function-tally.ts";
import type { InvocationResult, InvokeHow } from "./platform.ts";

/** An invocation that has not got its result. */
export interface OpenInvocation {
  /** A new one with every attempt. */
  number: InvocationNumber;
  attempts: number;
  readonly how: InvokeHow;
  readonly definition: FunctionDefinition;
  readonly tally: FunctionTally;
  readonly request: InvokeRequest;
  readonly arrived: Seconds;
  readonly done: (result: InvocationResult) => void;
  isDispatched: boolean;
}

/** How often an invocation is executed whose instance the platform itself has lost. */
const MOST_ATTEMPTS = 3;

/** Whether `result` is the platform's own fault, and another attempt may mend it. */
export const mayBeTriedAgain = ({ attempts }: OpenInvocation, result: InvocationResult): boolean =>
  attempts < MOST_ATTEMPTS && isOurFault(result);

const isOurFault = (result: InvocationResult): boolean =>
  result.kind === "refused"
    ? result.error.code === "instance-lost"
    : result.outcome.kind === "lost" && result.outcome.error.code === "instance-lost";
