/**
 * Where a command speaks: answers to stdout, everything else to stderr, colours only where a person looks.
 */
import { createInterface } from "node:readline/promises";
import { buffer } from "node:stream/consumers";
import picocolors from "picocolors";

export type Colours = ReturnType<typeof picocolors.createColors>;

export interface Terminal {
  /** Writes to stdout: answers only. */
  out(text: string | Uint8Array): void;
  /** Writes to stderr: progress, notes, errors. */
  err(text: string): void;
  readonly outColours: Colours;
  readonly errColours: Colours;
  /** Columns of stdout, unlimited where it is no terminal. */
  readonly width: number;
  /** Whether a person sees stderr, so that a line may be drawn over. */
  readonly errIsTerminal: boolean;
  /** Whether a person can be asked. */
  readonly canAsk: boolean;
  ask(question: string): Promise<string>;
  /** All of stdin. */
  readInput(): Promise<Uint8Array>;
  /** Resolves when stdin ends; waiting for it keeps no process alive. */
  inputEnd(): Promise<void>;
}

/** The terminal of this process. */
export function processTerminal(of: NodeJS.Process): Terminal {
  // A reader that has seen enough (`frugal list | head`) is no error. What must clean up first is told as by a signal.
  let isTold = false;
  for (const stream of [of.stdout, of.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      if (of.listenerCount("SIGTERM") === 0) of.exit(of.exitCode ?? 0);
      if (!isTold) of.kill(of.pid, "SIGTERM");
      isTold = true;
    });
  }
  return {
    out: (text) => void of.stdout.write(text),
    err: (text) => void of.stderr.write(text),
    outColours: picocolors.createColors(wantsColours(of.stdout.isTTY, of.env)),
    errColours: picocolors.createColors(wantsColours(of.stderr.isTTY, of.env)),
    width: of.stdout.isTTY ? of.stdout.columns : Infinity,
    errIsTerminal: of.stderr.isTTY,
    canAsk: of.stdin.isTTY && of.stderr.isTTY,
    ask: async (question) => {
      const dialogue = createInterface({ input: of.stdin, output: of.stderr });
      try {
        return await dialogue.question(question);
      } finally {
        dialogue.close();
      }
    },
    readInput: () => buffer(of.stdin),
    inputEnd: () => endOf(of.stdin),
  };
}

function endOf(input: NodeJS.Process["stdin"]): Promise<void> {
  return new Promise((resolve) => {
    input.once("close", resolve).once("end", resolve).once("error", resolve).resume();
    // What is no socket (a file) has no unref, and ends by itself.
    if ("unref" in input) input.unref();
  });
}

/** https://no-color.org: a NO_COLOR that is not empty turns colours off. */
const wantsColours = (isTerminal: boolean, environment: NodeJS.ProcessEnv): boolean =>
  isTerminal && (environment["NO_COLOR"] ?? "") === "" && environment["TERM"] !== "dumb";
