/**
 * A terminal that remembers what was written to it.
 */
import picocolors from "picocolors";
import type { Terminal } from "../src/terminal/terminal.ts";

export interface RecordingTerminal extends Terminal {
  readonly written: () => { readonly out: string; readonly err: string };
}

export interface TerminalWishes {
  readonly width?: number;
  readonly isTerminal?: boolean;
  readonly input?: string;
  /** Resolves when stdin ends; never unless given. */
  readonly inputEnd?: Promise<void>;
  /** What the person answers when asked. */
  readonly reply?: string;
}

export function recordingTerminal(wishes: TerminalWishes = {}): RecordingTerminal {
  const out: Buffer[] = [];
  let err = "";
  const colours = picocolors.createColors(false);
  return {
    out: (text) => void out.push(Buffer.from(text)),
    err: (text) => void (err += text),
    outColours: colours,
    errColours: colours,
    width: wishes.width ?? Infinity,
    errIsTerminal: wishes.isTerminal ?? false,
    canAsk: wishes.reply !== undefined,
    ask: (question) => {
      err += question;
      return Promise.resolve(wishes.reply ?? "");
    },
    inputEnd: () => wishes.inputEnd ?? new Promise(() => undefined),
    readInput: () => Promise.resolve(Buffer.from(wishes.input ?? "")),
    written: () => ({ out: Buffer.concat(out).toString("utf8"), err }),
  };
}
