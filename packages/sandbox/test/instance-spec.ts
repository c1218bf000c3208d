import { cores, functionName, mebibytes, seconds } from "@frugal/core";
import type { InstanceSpec } from "../src/instance-spec.ts";

/** A specification that differs from an ordinary one by `changes`. */
export const instanceSpec = (changes: Partial<InstanceSpec>): InstanceSpec => ({
  id: "instance-1",
  function: functionName("greet"),
  runtime: "nodejs",
  handler: "index.handler",
  architectures: ["arm64", "x86_64"],
  codeDirectory: "/nowhere",
  environment: {},
  memory: mebibytes(256),
  cores: cores(1),
  temporaryStorage: mebibytes(64),
  network: { kind: "none" },
  concurrency: 1,
  initTimeout: seconds(30),
  invokeTimeout: seconds(30),
  ...changes,
});
