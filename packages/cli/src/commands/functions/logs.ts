import { connectionFlags, withClient } from "../../client/connection.ts";
import type { LogRecordView } from "../../client/schemas.ts";
import { command } from "../../command.ts";
import { amount, required, text, toggle, withDefault } from "../../flags.ts";
import type { Colours } from "../../terminal/terminal.ts";

export const logs = command({
  name: "logs",
  summary: "show what a function logged",
  description:
    "The function's output and the platform's report at the end of each invocation, oldest first. With --follow and --json there is one JSON document a line, as they come.",
  flags: {
    follow: toggle("stay, and show new records as they come"),
    lines: withDefault(amount("N", "records of the past", { minimum: 0, maximum: 10_000, whole: true }), 100),
    ...connectionFlags,
  },
  arguments: { name: required(text("NAME", "the function")) },
  examples: [
    { line: "frugal logs resize", meaning: "the last 100 records" },
    { line: "frugal logs resize --follow --lines 0", meaning: "what happens from now on" },
  ],
  run: ({ name, lines, follow, ...input }, { terminal, json, ...rest }) =>
    withClient(input, { terminal, json, ...rest }, async (client) => {
      const records: LogRecordView[] = [];
      for await (const record of client.logs(name, { lines, follow })) {
        if (!json) terminal.out(lineOf(record, terminal.outColours));
        else if (follow) terminal.out(`${JSON.stringify(record)}\n`);
        else records.push(record);
      }
      if (json && !follow) return { kind: "answer", document: { records }, text: "" };
      return { kind: "streamed" };
    }),
});

/** Every line of the record after its time; what is not stdout in another colour. */
function lineOf({ time, stream, text: content }: LogRecordView, { dim, yellow }: Colours): string {
  const paint = stream === "platform" ? dim : stream === "stderr" ? yellow : String;
  const lines = content.replace(/\n$/, "").split("\n");
  return lines.map((line) => `${dim(time)} ${paint(line)}\n`).join("");
}
