import { bytes, cores, functionName, mebibytes, seconds } from "@frugal/core";
import type { FunctionDefinition } from "../src/registry/definition.ts";

/** A function that differs from an ordinary one by `changes`. */
export const functionDefinition = (changes: Partial<FunctionDefinition>): FunctionDefinition => ({
  name: functionName("greet"),
  revision: 1,
  runtime: "nodejs",
  handler: "index.handler",
  description: "",
  environment: {},
  architectures: ["x86_64"],
  memory: mebibytes(128),
  cores: cores(1),
  temporaryStorage: mebibytes(64),
  timeout: seconds(3),
  initTimeout: seconds(10),
  queueTimeout: seconds(5),
  concurrency: 1,
  provisioned: 0,
  maxInstances: 2,
  maxQueue: 3,
  network: { kind: "none" },
  asyncRetries: 2,
  deadline: undefined,
  work: undefined,
  snapshot: "prefetch",
  warmUp: { count: 5, payloads: undefined },
  codeSha256: "x",
  codeSize: bytes(1),
  codeDirectory: "/nowhere",
  lastModified: "2026-01-01T00:00:00Z",
  ...changes,
});
