/**
 * The arrival generators by name. A new one is a file beside this and an entry here.
 */
import type { ArrivalGenerator } from "./arrival-generator.ts";
import { bursty } from "./bursty.ts";
import { poisson } from "./poisson.ts";
import { uniform } from "./uniform.ts";

export const arrivalGenerators = { poisson, uniform, bursty } as const satisfies Record<
  string,
  ArrivalGenerator
>;

export type ArrivalGeneratorName = keyof typeof arrivalGenerators;
