/**
 * AWS Lambda's names of runtimes, and which of Frugal's runtimes runs each. Functions keep the name they were given.
 */
import type { Runtime } from "@frugal/core";

const patterns: readonly (readonly [RegExp, Runtime])[] = [
  [/^nodejs(\d{2}\.x)?$/, "nodejs"],
  [/^python3(\.\d{1,2})?$/, "python3"],
  [/^provided(\.al2|\.al2023)?$/, "provided"],
];

/** Names to suggest; every `nodejsN.x` and `python3.N` is accepted and runs on the host's version. */
export const lambdaRuntimes = [
  "nodejs24.x",
  "nodejs22.x",
  "nodejs",
  "python3.13",
  "python3.11",
  "python3",
  "provided.al2023",
  "provided",
] as const;

/** The runtime behind a name, or undefined where Frugal has none. */
export const runtimeOf = (name: string): Runtime | undefined =>
  patterns.find(([pattern]) => pattern.test(name))?.[1];
