/**
 * Shows on stderr that something takes its time, and how much so far; for a log, one line that says what begins.
 */
import { milliseconds } from "@frugal/core";
import { formatSeconds } from "./format.ts";
import type { Terminal } from "./terminal.ts";

const ERASE_LINE = "\r\u001b[2K";
const STEP_MS = 1000;

/** The result takes the line away; what was written to a log stays. */
export function showWaiting(terminal: Terminal, title: string): () => void {
  if (!terminal.errIsTerminal) {
    terminal.err(`${title}\n`);
    return () => undefined;
  }
  let steps = 0;
  terminal.err(ERASE_LINE + title);
  const timer = setInterval(() => {
    terminal.err(`${ERASE_LINE}${title} ${formatSeconds(milliseconds(++steps * STEP_MS))}`);
  }, STEP_MS);
  return () => {
    clearInterval(timer);
    terminal.err(ERASE_LINE);
  };
}
