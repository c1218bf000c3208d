/**
 * What wants to know of every invocation's result: metrics and logs. Called on the hot path, so it must be quick.
 */
import type { InvocationResult } from "../platform/platform.ts";
import type { FunctionDefinition } from "../registry/definition.ts";

export interface InvocationObserver {
  observe(definition: FunctionDefinition, result: InvocationResult): void;
}
