import { connectionFlags, withClient } from "../../client/connection.ts";
import { command } from "../../command.ts";
import { required, text } from "../../flags.ts";
import { planText } from "../../pace/plan-text.ts";
import { givenWorkflow } from "../../workflows/names.ts";

export const explainPace = command({
  name: "explain",
  summary: "show the budgets and clocks of a workflow's stages",
  description:
    "The paths through the workflow with the sums of their stages' latencies, the budget that each stage gets from the deadline by both methods (fit uses the deadline up; least energy needs the fewest joules within it), the clocks that go with it and the joules that are predicted.",
  flags: connectionFlags,
  arguments: {
    name: required(text("NAME", "the workflow: NAMESPACE/NAME, or NAME in the namespace default")),
  },
  examples: [{ line: "frugal pace explain order", meaning: "of one workflow" }],
  run: ({ name: given, ...input }, context) => {
    const name = givenWorkflow(given);
    return withClient(input, context, async ({ workflows }) => {
      const plan = await workflows.plan(name);
      return { kind: "answer", document: plan, text: planText(plan, context.terminal.width) };
    });
  },
});
