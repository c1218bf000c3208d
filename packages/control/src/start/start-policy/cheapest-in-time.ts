/**
 * The start of fewest joules that meets the deadline of the first waiting invocation; the fastest where none does. Where
 * an invocation waits without a deadline, the fastest, and of those that are hardly slower the one of fewest joules. Where
 * nobody waits (a prewarm, a provisioned minimum), the one of fewest joules.
 */
import { kindToTry, usualExploration } from "./exploration.ts";
import { defineStartPolicy, isNotEmpty, least, timeOf } from "./start-policy.ts";

export const cheapestInTime = defineStartPolicy({
  summary: "the start of fewest joules that meets the deadline; without one, the fastest",
  defaults: { ...usualExploration, tie: 0.1 },
  create: (settings) => ({
    choose({ cause, options, timeLeft }) {
      const byJoules = (candidates: typeof options): (typeof options)[0]["kind"] =>
        least(candidates, ({ joules }) => joules).kind;
      if (cause !== "demand") return byJoules(options);
      const fastest = least(options, timeOf);
      const longest = timeLeft ?? timeOf(fastest) * (1 + settings.tie);
      const fitting = options.filter((option) => timeOf(option) <= longest);
      return isNotEmpty(fitting) ? byJoules(fitting) : fastest.kind;
    },
    explore: (situation) => kindToTry(situation, settings),
  }),
});
