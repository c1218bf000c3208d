import { FrugalError } from "@frugal/core";
import { connectionFlags, withClient } from "../../client/connection.ts";
import { command } from "../../command.ts";
import { required, text, toggle } from "../../flags.ts";
import { givenWorkflow } from "../../workflows/names.ts";

export const deleteWorkflow = command({
  name: "delete",
  summary: "delete a workflow",
  description: "Running runs go on to their end; what is known of past ones stays as long as that of others.",
  flags: { yes: toggle("do not ask"), ...connectionFlags },
  arguments: {
    name: required(text("NAME", "the workflow: NAMESPACE/NAME, or NAME in the namespace default")),
  },
  examples: [
    { line: "frugal workflow delete order", meaning: "asks first" },
    { line: "frugal workflow delete shop/order --yes", meaning: "for scripts" },
  ],
  run: async ({ name: given, yes, ...input }, context) => {
    const { terminal } = context;
    const name = givenWorkflow(given);
    if (!yes) {
      if (!terminal.canAsk || context.json) {
        throw new FrugalError(
          "invalid-request",
          `Nobody can be asked whether to delete "${name}"\nGive --yes to delete it`,
        );
      }
      const reply = await terminal.ask(`Delete workflow "${name}"? [y/N] `);
      if (!/^y(es)?$/i.test(reply.trim()))
        return { kind: "answer", document: { name, deleted: false }, text: "not deleted\n", exitCode: 1 };
    }
    await withClient(input, context, ({ workflows }) => workflows.remove(name));
    return { kind: "answer", document: { name, deleted: true }, text: `deleted ${name}\n` };
  },
});
