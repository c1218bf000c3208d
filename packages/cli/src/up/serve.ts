/**
 * Runs the platform until a signal ends it: the first drains it, the second stops it at once. A platform that another
 * program started can also end with its input, which the kernel closes however that program ends.
 *
 * Invariants (cited by the tests):
 *   U1  while the platform runs, and only then, its data directory says where it listens
 *   U2  the platform is closed once, whatever signals come
 */
import { constants } from "node:os";
import { FrugalError, messageOf } from "@frugal/core";
import type { CommandContext } from "../command.ts";
import {
  apiKeyFile,
  makeFolder,
  readApiKey,
  readEndpoint,
  removeEndpoint,
  writeAtomically,
  writeEndpoint,
} from "../data-directory.ts";
import type { DaemonWishes, RunDaemon, RunningDaemon } from "./daemon.ts";

export interface ServeOptions {
  readonly daemon: DaemonWishes;
  /** Written when the platform listens: what --json prints. */
  readonly readyFile: string | undefined;
  /** The end of stdin is as good as a signal. */
  readonly endsWithInput: boolean;
}

/** Resolves with the exit code when the platform has ended. */
export async function serve(
  options: ServeOptions,
  runDaemon: RunDaemon,
  context: CommandContext,
): Promise<number> {
  const { dataDirectory } = options.daemon;
  await prepareDataDirectory(dataDirectory);
  const isFirstStart = (await readApiKey(dataDirectory)) === undefined;
  const signals = new ShutdownSignals(context);
  try {
    const daemon = await runDaemon(options.daemon);
    try {
      await writeEndpoint(dataDirectory, { url: daemon.url, pid: process.pid });
      await announce({ daemon, options, isFirstStart }, context);
      await endOf(signals, options, context);
    } finally {
      await removeEndpoint(dataDirectory, process.pid).finally(() => daemon.close());
    }
    return 0;
  } finally {
    signals.stop();
  }
}

async function endOf(
  signals: ShutdownSignals,
  { endsWithInput }: ServeOptions,
  { terminal }: CommandContext,
): Promise<void> {
  const ends: Promise<string>[] = [signals.first];
  if (endsWithInput) ends.push(terminal.inputEnd().then(() => "end of input"));
  terminal.err(
    `${await Promise.race(ends)}: finishing running invocations; a further signal stops it at once\n`,
  );
}

/** Two platforms in one folder would take each other's work. */
async function prepareDataDirectory(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (cause) {
    throw new FrugalError(
      "storage-failed",
      `The data directory ${folder} cannot be made: ${messageOf(cause)}\nName another with --data`,
      { cause, details: { folder } },
    );
  }
  const running = await readEndpoint(folder);
  if (running === undefined) return;
  throw new FrugalError(
    "invalid-request",
    [
      `A platform runs in ${folder} already, at ${running.url} (process ${running.pid})`,
      "Stop it, or name another folder with --data",
    ].join("\n"),
    { details: { ...running, folder } },
  );
}

interface Started {
  readonly daemon: RunningDaemon;
  readonly options: ServeOptions;
  /** The key was made just now, and nobody has seen it. */
  readonly isFirstStart: boolean;
}

async function announce({ daemon, options, isFirstStart }: Started, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const { apiKey } = daemon;
  const facts = {
    url: daemon.url,
    pid: process.pid,
    dataDirectory: options.daemon.dataDirectory,
    ...(apiKey !== undefined && { apiKeyFile: apiKeyFile(options.daemon.dataDirectory) }),
    limitations: daemon.limitations,
  };
  const line = `${JSON.stringify(facts)}\n`;
  for (const limitation of daemon.limitations)
    terminal.err(`${terminal.errColours.yellow("note:")} ${limitation}\n`);
  if (options.readyFile !== undefined) await writeAtomically(options.readyFile, line);
  if (context.json) {
    terminal.out(line);
    return;
  }
  const { bold, dim } = terminal.outColours;
  terminal.out(`Frugal listens at ${bold(daemon.url)} ${dim(`(data in ${facts.dataDirectory})`)}\n`);
  if (apiKey !== undefined && isFirstStart) terminal.out(`API key, shown this once: ${apiKey}\n`);
  if (facts.apiKeyFile !== undefined) {
    terminal.out(dim(`API key kept in ${facts.apiKeyFile}; commands on this machine find it there\n`));
  }
  terminal.out(dim("Deploy a function with: ./frugal deploy PATH   (Ctrl-C drains and stops)\n"));
}

/** The first signal asks for an orderly end, the second ends the process. */
class ShutdownSignals {
  readonly first: Promise<NodeJS.Signals>;
  readonly stop: () => void;

  constructor(context: CommandContext) {
    const { promise, resolve } = promiseOfSignal();
    let count = 0;
    this.first = promise;
    this.stop = context.onSignal((signal) => {
      count++;
      if (count === 1) resolve(signal);
      else context.exit(128 + constants.signals[signal]);
    });
  }
}

interface PromisedSignal {
  readonly promise: Promise<NodeJS.Signals>;
  readonly resolve: (signal: NodeJS.Signals) => void;
}

function promiseOfSignal(): PromisedSignal {
  let resolve: PromisedSignal["resolve"] = () => undefined;
  const promise = new Promise<NodeJS.Signals>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
