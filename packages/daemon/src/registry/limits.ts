/**
 * Limits and defaults of a function's configuration and code, in one place.
 *
 * Names and ranges follow AWS Lambda's quotas where Lambda has them; the rest is Frugal's own.
 */
import { bytes, mebibytes } from "@frugal/core";

interface Range {
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
}

const range = (minimum: number, maximum: number, normal: number): Range => ({
  minimum,
  maximum,
  default: normal,
});

export const configurationLimits = {
  memoryMiB: range(128, 10_240, 256),
  temporaryStorageMiB: range(16, 10_240, 512),
  timeoutSeconds: range(0.1, 900, 3),
  initTimeoutSeconds: range(0.1, 900, 10),
  /** Longest wait for an instance, its start included. */
  queueTimeoutSeconds: range(0.1, 900, 30),
  /** Cores of one instance. A whole core, whatever the memory: a start that is held to a seventh of one takes seven times as long. */
  cores: range(0.05, 256, 1),
  concurrency: range(1, 1000, 1),
  provisioned: range(0, 10_000, 0),
  maxInstances: range(1, 10_000, 1000),
  maxQueue: range(1, 100_000, 1000),
  asyncRetries: range(0, 10, 2),
  warmUpCount: range(0, 100, 5),
  /** Nobody has one unless it is asked for. */
  deadlineSeconds: { minimum: 0.001, maximum: 900 },
} as const;

export const textLimits = {
  description: 256,
  handler: 256,
  /** All names and values of the environment together. */
  environmentBytes: 4096,
  /** All payloads of the warm-up together. */
  warmUpBytes: 262_144,
  /** Of a path into the payload. */
  workPath: 64,
} as const;

export const workLimits = { hyperparameters: 8 } as const;

export const codeLimits = {
  zipped: mebibytes(50),
  unpacked: mebibytes(250),
  files: 20_000,
  /** Unpacked over zipped size that no honest package reaches; asked only above `ratioFrom`. */
  ratio: 200,
  ratioFrom: mebibytes(16),
  pathBytes: 1024,
  nameBytes: 255,
} as const;

/** AWS Lambda's limit of a synchronous payload, and of a result. */
export const payloadLimit = bytes(6_291_456);
