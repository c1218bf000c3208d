/**
 * The demo while it runs: a bar and a table that are drawn over on a terminal, a line every few seconds in a log.
 */
import { seconds } from "@frugal/core";
import { formatSeconds } from "../terminal/format.ts";
import { renderTable } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { ReplayProgress } from "./replay.ts";

const BAR_WIDTH = 40;
const LOG_EVERY_SECONDS = 5;

export class LiveView {
  readonly #terminal: Terminal;
  readonly #total: number;
  #drawnLines = 0;
  #nextLogSeconds = LOG_EVERY_SECONDS;

  /** `total` invocations are to be made. */
  constructor(terminal: Terminal, total: number) {
    this.#terminal = terminal;
    this.#total = total;
  }

  show(progress: ReplayProgress): void {
    if (this.#terminal.errIsTerminal) this.#draw(progress);
    else if (progress.elapsedSeconds >= this.#nextLogSeconds) {
      this.#nextLogSeconds += LOG_EVERY_SECONDS;
      this.#terminal.err(`${this.#headline(progress)}\n`);
    }
  }

  /** Takes the picture away. */
  finish(): void {
    this.#terminal.err(this.#erase());
    this.#drawnLines = 0;
  }

  #draw(progress: ReplayProgress): void {
    const full = Math.round((progress.answered / Math.max(1, this.#total)) * BAR_WIDTH);
    const { green } = this.#terminal.errColours;
    const rows = [...progress.outcomes].map(([name, outcome]) => [
      name,
      String(outcome.invocations),
      String(outcome.coldStarts),
      ...[0.5, 0.99].map((q) => shownLatency(outcome.latency.quantile(q))),
      String(outcome.errors + outcome.wrongOutputs),
    ]);
    const titles = ["FUNCTION", "CALLS", "COLD", "P50", "P99", "BAD"];
    const table = renderTable(
      titles.map((title, i) => ({ title, align: i === 0 ? "left" : "right" })),
      rows,
      this.#terminal.width,
    );
    const text = `${green("█".repeat(full))}${"░".repeat(BAR_WIDTH - full)} ${this.#headline(progress)}\n${table}`;
    this.#terminal.err(this.#erase() + text);
    this.#drawnLines = text.split("\n").length - 1;
  }

  #erase(): string {
    return this.#drawnLines === 0 ? "" : `\u001b[${this.#drawnLines}A\u001b[0J`;
  }

  #headline({ elapsedSeconds, sent, answered }: ReplayProgress): string {
    return `${elapsedSeconds.toFixed(0)} s: ${answered}/${this.#total} answered, ${sent - answered} under way`;
  }
}

/** Before the first answer there is none. */
const shownLatency = (latency: number | undefined): string =>
  latency === undefined ? "-" : formatSeconds(seconds(latency));
