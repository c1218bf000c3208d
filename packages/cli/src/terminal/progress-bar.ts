/**
 * Progress on stderr: one line drawn over and over for a person; for a log, one line that says what begins.
 */
import type { Terminal } from "./terminal.ts";

const WIDTH = 24;
const ERASE_LINE = "\r\u001b[2K";

export class ProgressBar {
  readonly #terminal: Terminal;
  readonly #total: number;

  /** `total` steps are to be done; `title` is the line for a log. */
  constructor(terminal: Terminal, total: number, title: string) {
    this.#terminal = terminal;
    this.#total = total;
    if (!terminal.errIsTerminal) terminal.err(`${title}\n`);
  }

  /** `done` of the steps are finished; `label` says what is under way or was just finished. */
  update(done: number, label: string): void {
    if (!this.#terminal.errIsTerminal) return;
    const total = this.#total;
    const full = total > 0 ? Math.round((Math.min(done, total) / total) * WIDTH) : WIDTH;
    const bar = this.#terminal.errColours.green("█".repeat(full)) + "░".repeat(WIDTH - full);
    this.#terminal.err(`${ERASE_LINE}${bar} ${done}/${total} ${label}`);
  }

  /** Takes the bar away; what was written to a log stays. */
  finish(): void {
    if (this.#terminal.errIsTerminal) this.#terminal.err(ERASE_LINE);
  }
}
