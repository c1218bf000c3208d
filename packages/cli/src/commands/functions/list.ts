import { bytes, mebibytes, seconds } from "@frugal/core";
import { connectionFlags, withClient } from "../../client/connection.ts";
import { command } from "../../command.ts";
import { formatBytes, formatSeconds } from "../../terminal/format.ts";
import { renderTable } from "../../terminal/table.ts";

export const listFunctions = command({
  name: "list",
  summary: "list the deployed functions",
  description: "One line for each function: its runtime, handler, limits, code size and last change.",
  flags: connectionFlags,
  arguments: {},
  examples: [{ line: "frugal list", meaning: "all functions" }],
  run: (input, context) =>
    withClient(input, context, async (client) => {
      const functions = (await client.functions()).map((one) => one.function);
      const rows = functions.map((one) => [
        one.name,
        one.runtime,
        one.handler,
        formatBytes(mebibytes(one.memoryMiB)),
        formatSeconds(seconds(one.timeoutSeconds)),
        formatBytes(bytes(one.codeSizeBytes)),
        String(one.revision),
        one.lastModified.replace("T", " ").replace(/\.\d+Z$/, "Z"),
      ]);
      const columns = [
        { title: "NAME", shrinks: true },
        { title: "RUNTIME" },
        { title: "HANDLER", shrinks: true },
        { title: "MEMORY", align: "right" },
        { title: "TIMEOUT", align: "right" },
        { title: "CODE", align: "right" },
        { title: "REVISION", align: "right", goes: 1 },
        { title: "CHANGED", goes: 2 },
      ] as const;
      const text =
        functions.length === 0
          ? "No function is deployed. Deploy one: frugal deploy PATH\n"
          : renderTable(columns, rows, context.terminal.width);
      return { kind: "answer", document: { functions }, text };
    }),
});
