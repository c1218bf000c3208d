import { resolve } from "node:path";
import { FrugalError } from "@frugal/core";
import { connectionFlags, withClient } from "../../client/connection.ts";
import { type Answer, command, type CommandContext } from "../../command.ts";
import { required, text, toggle } from "../../flags.ts";
import { checkedJson, jsonOfFile, jsonOfFlag } from "../../invoke/json-input.ts";
import { invokeAndWait, invokeLater, type Invocation } from "../../invoke/invoke.ts";

export const invoke = command({
  name: "invoke",
  summary: "invoke a function and print its output",
  description:
    "The function's output goes to stdout, a summary to stderr: how it was started, how long it waited and ran, and the joules it took. Ends with 1 when the function failed.",
  flags: {
    payload: text("JSON", "the function's input (default: {})"),
    file: text("FILE", "read the input from a file"),
    async: toggle("queue it and print its id"),
    wait: toggle("with --async: wait for the result"),
    log: toggle("show what the function logged, on stderr"),
    ...connectionFlags,
  },
  arguments: {
    name: required(text("NAME", "the function")),
    source: text("-", '"-" reads the input from stdin'),
  },
  optional: ["source"],
  examples: [
    { line: `frugal invoke resize --payload '{"width": 200}'`, meaning: "with an input" },
    { line: "frugal invoke resize --file event.json --log", meaning: "input from a file, with the log" },
    { line: "generate | frugal invoke resize -", meaning: "input from another program" },
    { line: "frugal invoke report --async", meaning: "queued; prints the invocation's id" },
  ],
  run: async ({ name, source, payload, file, ...input }, context): Promise<Answer> => {
    if (input.wait && !input.async) throw new FrugalError("invalid-request", "--wait goes with --async");
    const body = await readPayload({ source, payload, file }, context);
    return withClient(input, context, async (client) => {
      const invocation: Invocation = { client, name, payload: body, wantsLog: input.log };
      return input.async ? invokeLater(invocation, input.wait, context) : invokeAndWait(invocation, context);
    });
  },
});

interface PayloadSource {
  readonly source: string | undefined;
  readonly payload: string | undefined;
  readonly file: string | undefined;
}

async function readPayload(
  { source, payload, file }: PayloadSource,
  context: CommandContext,
): Promise<Uint8Array> {
  if (source !== undefined && source !== "-") {
    throw new FrugalError(
      "invalid-request",
      `"${source}" is one argument too many; the input comes with --payload, --file or "-"`,
    );
  }
  const given = [payload, file, source].filter((one) => one !== undefined);
  if (given.length > 1) throw new FrugalError("invalid-request", `Give one of --payload, --file and "-"`);
  if (payload !== undefined) return jsonOfFlag(payload, "--payload");
  if (source !== undefined) return checkedJson(await context.terminal.readInput(), "stdin");
  if (file === undefined) return Buffer.from("{}");
  return jsonOfFile(resolve(context.workingDirectory, file), "--file");
}
