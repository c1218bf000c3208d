/**
 * The command line in process: what a user types, and what comes back.
 */
import { tmpdir } from "node:os";
import { expect } from "vitest";
import type { CommandContext } from "../src/command.ts";
import { sections } from "../src/commands/index.ts";
import { type Program, runProgram } from "../src/program.ts";
import { recordingTerminal, type TerminalWishes } from "./recording-terminal.ts";

export interface World extends TerminalWishes {
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  readonly program?: Program;
  readonly onSignal?: CommandContext["onSignal"];
  readonly exit?: CommandContext["exit"];
}

export interface Outcome {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

const frugal: Program = { version: "0.0.0", summary: "Frugal.", sections };

/** Runs `frugal ...argv`. Nothing of this process's environment is seen; waits take no time. */
export async function type(argv: readonly string[], world: World = {}): Promise<Outcome> {
  const terminal = recordingTerminal(world);
  const exitCode = await runProgram(world.program ?? frugal, argv, {
    terminal,
    environment: world.environment ?? {},
    workingDirectory: world.workingDirectory ?? tmpdir(),
    onSignal: world.onSignal ?? (() => () => undefined),
    exit: world.exit ?? (() => undefined),
    sleep: () => Promise.resolve(),
  });
  return { exitCode, ...terminal.written() };
}

/** For any text with `part` in it. */
export const containing = (part: string): unknown => expect.stringContaining(part);
