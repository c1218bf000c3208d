/**
 * `frugal pace`: at which clocks stages run, and why.
 */
import type { CommandGroup } from "../../command.ts";
import { explainPace } from "./explain.ts";
import { tunePace } from "./tune.ts";

export const pace: CommandGroup = {
  kind: "group",
  name: "pace",
  summary: "explain and tune the clocks at which stages run",
  description:
    "A workflow with a deadline has time to spare as often as not. Pace gives each stage a budget of it and runs the stage at the lowest clocks that keep the budget.",
  commands: [explainPace, tunePace],
  examples: [
    { line: "frugal pace explain order", meaning: "budgets, clocks and joules of a workflow" },
    { line: "frugal pace tune", meaning: "looks for better parameters of the slack controller" },
  ],
};
