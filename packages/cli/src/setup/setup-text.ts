/**
 * What setup did, one line for each thing, and the output of what went wrong.
 */
import type { Colours } from "../terminal/terminal.ts";
import type { SetupItem } from "./install-packages.ts";

export function setupText(items: readonly SetupItem[], colours: Colours): string {
  const paint = {
    present: colours.dim,
    done: colours.green,
    skipped: colours.yellow,
    failed: colours.red,
  } as const satisfies Record<SetupItem["state"], (text: string) => string>;
  const width = Math.max(...items.map(({ name }) => name.length));
  const lines = items.flatMap(({ name, state, detail, log = [] }) => [
    `${name.padEnd(width)}  ${paint[state](state.padEnd("present".length))}  ${detail}`,
    ...log.map((line) => `    ${line}`),
  ]);
  return lines.map((line) => `${line}\n`).join("");
}
