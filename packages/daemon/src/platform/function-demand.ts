/**
 * What the control plane needs to know of a deployed function.
 */
import type { FunctionDemand } from "@frugal/core";
import type { FunctionDefinition } from "../registry/definition.ts";

export const demandOf = (definition: FunctionDefinition): FunctionDemand => ({
  name: definition.name,
  revision: definition.revision,
  memory: definition.memory,
  cores: definition.cores,
  concurrency: definition.runtime === "provided" ? 1 : definition.concurrency,
  provisioned: definition.provisioned,
  maxInstances: definition.maxInstances,
  maxQueue: definition.maxQueue,
  queueTimeout: definition.queueTimeout,
  deadline: definition.deadline,
  snapshot: definition.snapshot,
});
