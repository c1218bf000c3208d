/**
 * Response headers that tell how an invocation went, beyond AWS Lambda's: start, times, energy with its pedigree.
 */
import { inMilliseconds, type Seconds, type StartPhases } from "@frugal/core";
import type { InvocationResult } from "../platform/platform.ts";

/** Appends names and values to a raw header list. */
export function addInvocationHeaders(
  headers: string[],
  { start, startKind, phases, wait, duration, energy }: InvocationResult & { readonly kind: "executed" },
): void {
  headers.push(
    "X-Frugal-Start",
    start,
    "X-Frugal-Duration-Ms",
    milliseconds(duration),
    "X-Frugal-Wait-Ms",
    milliseconds(wait),
  );
  if (startKind !== undefined) headers.push("X-Frugal-Start-Kind", startKind);
  if (phases !== undefined) headers.push("Server-Timing", serverTiming(phases));
  if (energy.kind === "unavailable") headers.push("X-Frugal-Energy-Unavailable", printable(energy.reason));
  else
    headers.push(
      "X-Frugal-Energy-Joules",
      String(energy.joules),
      "X-Frugal-Energy-Source",
      energy.source,
      "X-Frugal-Energy-Quality",
      energy.quality,
    );
}

/** The phases of a cold start as browsers and proxies know them (W3C Server Timing; milliseconds). */
const serverTiming = ({ unit, restore, runtime, init }: StartPhases): string =>
  [
    `unit;dur=${milliseconds(unit)}`,
    `restore;dur=${milliseconds(restore)}`,
    `runtime;dur=${milliseconds(runtime)}`,
    `init;dur=${milliseconds(init)}`,
  ].join(", ");

const milliseconds = (time: Seconds): string => inMilliseconds(time).toFixed(3);

/** Header values have one line of printable ASCII. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]+/g, " ");
