import { connectionFlags, withClient } from "../../client/connection.ts";
import { command } from "../../command.ts";
import { required, text } from "../../flags.ts";

export const deleteSnapshot = command({
  name: "delete",
  summary: "delete a snapshot",
  description:
    "Instances that were started from it go on. The platform makes another where that saves more than it costs; a function with snapshot: off gets none.",
  flags: connectionFlags,
  arguments: { id: required(text("ID", "the snapshot")) },
  examples: [
    { line: "frugal snapshot delete 5f0c1d", meaning: "asks nothing: a snapshot can be made again" },
  ],
  run: async ({ id, ...input }, context) => {
    await withClient(input, context, (client) => client.removeSnapshot(id));
    return { kind: "answer", document: { id, deleted: true }, text: `deleted ${id}\n` };
  },
});
