import type { InvocationNumber, Seconds, StartWish } from "@frugal/core";
import type { InvokeRequest } from "@frugal/sandbox";
import type { FunctionDefinition } from "../registry/definition.ts";
import type { FunctionTally } from "./function-tally.ts";
import type { InvocationResult } from "./platform.ts";

/** An invocation that has not got its result. */
export interface OpenInvocation {
  /** A new one with every attempt. */
  number: InvocationNumber;
  attempts: number;
  readonly wish: StartWish | undefined;
  readonly definition: FunctionDefinition;
  readonly tally: FunctionTally;
  readonly request: InvokeRequest;
  readonly arrived: Seconds;
  readonly done: (result: InvocationResult) => void;
  isDispatched: boolean;
}
