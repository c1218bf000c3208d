import { connectionFlags, withClient } from "../../client/connection.ts";
import { command } from "../../command.ts";
import { required, text } from "../../flags.ts";
import { givenRun } from "../../workflows/names.ts";

export const cancelRun = command({
  name: "cancel",
  summary: "cancel a run",
  description:
    "What the run waits for is given up, and the results of functions that still run are dropped. A run that has ended stays as it is.",
  flags: connectionFlags,
  arguments: { run: required(text("RUN", "the run's id")) },
  examples: [{ line: "frugal workflow cancel 0a5a2b5e-6b43-4d7c-9f0e-8c3a1f0b9d11", meaning: "one run" }],
  run: async ({ run, ...input }, context) => {
    const id = givenRun(run);
    const view = await withClient(input, context, ({ workflows }) => workflows.cancel(id));
    return { kind: "answer", document: view, text: `${view.id} ${view.status}\n` };
  },
});
