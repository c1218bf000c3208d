/**
 * Invocations from the command line: the output on stdout, how it went on stderr.
 */
import type { PlatformClient, RawInvocation } from "../client/platform-client.ts";
import type { InvocationView } from "../client/schemas.ts";
import type { Answer, CommandContext } from "../command.ts";
import { printable } from "../terminal/table.ts";
import { summaryOf } from "./summary.ts";

export interface Invocation {
  readonly client: PlatformClient;
  readonly name: string;
  /** A JSON document. */
  readonly payload: Uint8Array;
  readonly wantsLog: boolean;
}

export async function invokeAndWait(invocation: Invocation, context: CommandContext): Promise<Answer> {
  const { client, name, payload, wantsLog } = invocation;
  const ended = await client.invoke(name, payload, wantsLog);
  return answerOf(ended, ended.view.log, context);
}

/** Queues the invocation; with `wait`, asks for its result until there is one. */
export async function invokeLater(
  invocation: Invocation,
  wait: boolean,
  context: CommandContext,
): Promise<Answer> {
  const { client, name, payload, wantsLog } = invocation;
  const requestId = await client.enqueue(name, payload);
  if (!wait) {
    return { kind: "answer", document: { requestId, state: "queued" }, text: `${requestId}\n` };
  }
  const ended = await endOf(requestId, client, context);
  return answerOf(ended, wantsLog ? await logOf(requestId, invocation) : undefined, context);
}

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1000;

async function endOf(
  requestId: string,
  client: PlatformClient,
  context: CommandContext,
): Promise<RawInvocation> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const now = await client.queued(requestId);
    if (now.view.state === "succeeded" || now.view.state === "failed") return now;
    await context.sleep(pause);
  }
}

const RECORDS_TO_SEARCH = 1000;

async function logOf(requestId: string, { client, name }: Invocation): Promise<string> {
  const texts: string[] = [];
  for await (const record of client.logs(name, { lines: RECORDS_TO_SEARCH, follow: false })) {
    if (record.requestId === requestId) texts.push(record.text.replace(/\n$/, ""));
  }
  return texts.join("\n");
}

/** For people the output comes first, so that what was said of it stays in sight. */
function answerOf({ view, output }: RawInvocation, log: string | undefined, context: CommandContext): Answer {
  const { terminal, json } = context;
  const exitCode = view.state === "failed" ? 1 : 0;
  if (json) {
    return { kind: "answer", document: log === undefined ? view : { ...view, log }, text: "", exitCode };
  }
  if (log !== undefined && log !== "") terminal.err(log.endsWith("\n") ? log : `${log}\n`);
  if (exitCode === 0) terminal.out(`${output}\n`);
  else terminal.err(failureLines(view, terminal.errColours.red));
  terminal.err(`${terminal.errColours.dim(summaryOf(view))}\n`);
  return { kind: "streamed", exitCode };
}

function failureLines({ function: name, error }: InvocationView, red: (text: string) => string): string {
  const { errorType = "Error", errorMessage = "unknown", stackTrace = [] } = error ?? {};
  const [what = "", ...more] = `${errorType}: ${errorMessage}`.split("\n").map(printable);
  // Node's stacks begin with what was said already.
  const stack = stackTrace
    .flatMap((frame) => frame.trim().split("\n"))
    .map((line) => printable(line).trimEnd())
    .filter((line) => line !== what);
  const rest = [...more.map((line) => line.trim()), ...stack];
  const lines = [`${red("frugal:")} ${name} failed: ${what}`, ...rest.map((line) => `  ${line}`)];
  return lines.map((line) => `${line}\n`).join("");
}
