/**
 * The steps of a clock: which of them stands for a clock in between. Steps are ascending, one at least.
 */
import { type Hertz, hertz } from "@frugal/core";

/** The lowest step of at least `clock`; the highest where none is. */
export const stepAtLeast = (steps: readonly Hertz[], clock: number): Hertz =>
  steps.find((step) => step >= clock) ?? highestStep(steps);

/** The highest step of at most `clock`; the lowest where none is. */
export const stepAtMost = (steps: readonly Hertz[], clock: number): Hertz =>
  steps.findLast((step) => step <= clock) ?? lowestStep(steps);

/** The place of the step next to `clock`; of two equally near, the lower. -1 where there are no steps. */
export function nearestPlace(steps: readonly Hertz[], clock: number): number {
  let nearest = steps.length - 1;
  for (let place = nearest; place >= 0; place--)
    if (distance(steps, place, clock) <= distance(steps, nearest, clock)) nearest = place;
  return nearest;
}

export const nearestStep = (steps: readonly Hertz[], clock: number): Hertz =>
  steps[nearestPlace(steps, clock)] ?? hertz(clock);

export const highestStep = (steps: readonly Hertz[]): Hertz => steps.at(-1) ?? hertz(0);
export const lowestStep = (steps: readonly Hertz[]): Hertz => steps[0] ?? hertz(0);

const distance = (steps: readonly Hertz[], place: number, clock: number): number =>
  Math.abs((steps[place] ?? Infinity) - clock);
