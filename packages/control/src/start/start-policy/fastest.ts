/**
 * The start after which the first invocation has its result soonest, whatever it costs.
 */
import { kindToTry, usualExploration } from "./exploration.ts";
import { defineStartPolicy, least, timeOf } from "./start-policy.ts";

export const fastest = defineStartPolicy({
  summary: "the start that gives the first result soonest",
  defaults: { ...usualExploration },
  create: (settings) => ({
    choose: ({ options }) => least(options, timeOf).kind,
    explore: (situation) => kindToTry(situation, settings),
  }),
});
