/**
 * What a clock can be asked for: the steps between two ends, within limits that people set.
 */
import { gigahertz, type Hertz, hertz, kilohertz } from "@frugal/core";
import { pseudoTextOf } from "../host/pseudo-file.ts";

/** Both ends included; an end that is undefined is open. */
export interface ClockRange {
  readonly lowest?: Hertz | undefined;
  readonly highest?: Hertz | undefined;
}

/** Drivers that list no steps take any clock; hardware rounds it to its own, 100 MHz on what servers have. */
const STEP = 100e6;

/** The ends, and every multiple of 100 MHz between them. */
export function stepsBetween(lowest: Hertz, highest: Hertz): readonly Hertz[] {
  const steps: Hertz[] = [lowest];
  for (let clock = (Math.floor(lowest / STEP) + 1) * STEP; clock < highest; clock += STEP)
    steps.push(hertz(clock));
  return highest > lowest ? [...steps, highest] : steps;
}

export const stepsWithin = (steps: readonly Hertz[], { lowest, highest }: ClockRange): readonly Hertz[] =>
  steps.filter((clock) => clock >= (lowest ?? 0) && clock <= (highest ?? Infinity));

/** The clock that a file holds in kilohertz; undefined where it holds none. */
export const clockIn = (path: string): Hertz | undefined => parseKilohertz(pseudoTextOf(path));

export function parseKilohertz(text: string | undefined): Hertz | undefined {
  return text !== undefined && /^[1-9]\d*$/.test(text) ? kilohertz(Number(text)) : undefined;
}

/** `clock` as the kernel's files take it. */
export const kilohertzText = (clock: Hertz): string => Math.round(clock / 1e3).toString();

/** `0.8 to 2.1 GHz`, for people. */
export function rangeText(steps: readonly Hertz[]): string {
  const text = (clock: Hertz | undefined): string => ((clock ?? 0) / gigahertz(1)).toFixed(1);
  return `${text(steps[0])} to ${text(steps.at(-1))} GHz`;
}
