import { bytes } from "@frugal/core";
import { connectionFlags, withClient } from "../../client/connection.ts";
import { command } from "../../command.ts";
import { formatBytes } from "../../terminal/format.ts";
import { renderTable } from "../../terminal/table.ts";

const columns = [
  { title: "ID", shrinks: true },
  { title: "KIND" },
  { title: "FUNCTIONS", shrinks: true },
  { title: "RUNTIME", goes: 2 },
  { title: "SIZE", align: "right" },
  { title: "PAGES", align: "right", goes: 3 },
  { title: "WORKING SET", align: "right" },
  { title: "STARTS", align: "right" },
  { title: "CREATED", goes: 1 },
] as const;

export const listSnapshots = command({
  name: "list",
  summary: "list the snapshots",
  description:
    "One line for each snapshot: what it is for, its size, how many pages are installed before an instance runs (the working set, - before the first recording), and the starts from it since the platform started.",
  flags: connectionFlags,
  arguments: {},
  examples: [{ line: "frugal snapshot list", meaning: "all snapshots" }],
  run: (input, context) =>
    withClient(input, context, async (client) => {
      const snapshots = await client.snapshots();
      const rows = snapshots.map((one) => [
        one.id,
        one.kind,
        one.functions.join(", "),
        one.runtime,
        formatBytes(bytes(one.sizeBytes)),
        String(one.pages),
        one.workingSetPages === null ? "-" : String(one.workingSetPages),
        String(one.starts),
        one.createdAt.replace("T", " ").replace(/\.\d+Z$/, "Z"),
      ]);
      const text =
        snapshots.length === 0
          ? "There is no snapshot. Make one: frugal snapshot build NAME\n"
          : renderTable(columns, rows, context.terminal.width);
      return { kind: "answer", document: { snapshots }, text };
    }),
});
