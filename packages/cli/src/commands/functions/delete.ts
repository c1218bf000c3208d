import { FrugalError } from "@frugal/core";
import { connectionFlags, withClient } from "../../client/connection.ts";
import { command } from "../../command.ts";
import { required, text, toggle } from "../../flags.ts";

export const deleteFunction = command({
  name: "delete",
  summary: "delete a function",
  description:
    "Running invocations finish, waiting ones are refused. The function's code and settings are gone.",
  flags: { yes: toggle("do not ask"), ...connectionFlags },
  arguments: { name: required(text("NAME", "the function")) },
  examples: [
    { line: "frugal delete resize", meaning: "asks first" },
    { line: "frugal delete resize --yes", meaning: "for scripts" },
  ],
  run: async ({ name, yes, ...input }, context) => {
    const { terminal } = context;
    if (!yes) {
      if (!terminal.canAsk || context.json) {
        throw new FrugalError(
          "invalid-request",
          `Nobody can be asked whether to delete "${name}"\nGive --yes to delete it`,
        );
      }
      const reply = await terminal.ask(`Delete function "${name}"? [y/N] `);
      if (!/^y(es)?$/i.test(reply.trim())) {
        return { kind: "answer", document: { name, deleted: false }, text: "not deleted\n", exitCode: 1 };
      }
    }
    await withClient(input, context, (client) => client.remove(name));
    return { kind: "answer", document: { name, deleted: true }, text: `deleted ${name}\n` };
  },
});
