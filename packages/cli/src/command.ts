/**
 * Commands as data: what one is, what it gets, and what it answers. `program.ts` turns them into a command line.
 *
 * Invariants (cited by the tests):
 *   C1  with --json stdout carries exactly one JSON document (the answer or the error); all else goes to stderr
 *   C2  every command has a summary, a description and at least one example
 *   C3  exit codes: 0, 1 (it ran, but the answer is bad), 3 (the machine cannot do it), and the code of the error's group (core's `exitCodeOf`)
 */
import type { Flags, Given, ValuesOf } from "./flags.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** What a command may use of the world. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Whether the answer is shown as JSON; only for what a command does beside answering (progress, following). */
  readonly json: boolean;
  /** Calls `listener` for each SIGINT, SIGTERM and SIGHUP, which then no longer end the process; the result undoes it. */
  onSignal(listener: (signal: NodeJS.Signals) => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
  sleep(milliseconds: number): Promise<void>;
}

/** What a command answers; `program.ts` shows it on stdout. */
export type Answer =
  | {
      readonly kind: "answer";
      /** The answer as data, for --json. */
      readonly document: unknown;
      /** The answer for people; bytes are written as they are. */
      readonly text: string | Uint8Array;
      /** 1 when the command ran, but the answer is bad; 3 when this machine cannot do what was asked, which the answer explains. */
      readonly exitCode?: 0 | 1 | 3;
    }
  /** The command wrote its answer itself, as it came. */
  | { readonly kind: "streamed"; readonly exitCode?: number };

export interface Example {
  readonly line: string;
  readonly meaning: string;
}

interface Description {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly [Example, ...Example[]];
}

export interface RunnableCommand extends Description {
  readonly kind: "command";
  /** By the name of their values; `initTimeout` is written `--init-timeout`. */
  readonly flags: Flags;
  readonly arguments: readonly ArgumentPlace[];
  /** Where unknown flags go, instead of being errors; the name of a `list` argument. */
  readonly passesUnknownFlags: boolean;
  run(given: Readonly<Record<string, Given>>, context: CommandContext): Promise<Answer>;
}

/** An argument's place in the usage line: `<name>`, `[name]` or `[name...]`. */
interface ArgumentPlace {
  readonly name: string;
  readonly need: "required" | "optional" | "many";
  readonly description: string;
}

/** A command whose first argument names one of its `commands`. */
export interface CommandGroup extends Description {
  readonly kind: "group";
  readonly commands: readonly RunnableCommand[];
}

export type Command = RunnableCommand | CommandGroup;

/** What a command's file states: flags, arguments (in order) and what to do with their values. */
export interface CommandDefinition<F extends Flags, A extends Flags> extends Description {
  readonly flags: F;
  readonly arguments: A;
  /** Names of arguments that may be left out; `list` arguments always may. */
  readonly optional?: readonly (keyof A & string)[];
  readonly passesUnknownFlags?: boolean;
  run(input: ValuesOf<F> & ValuesOf<A>, context: CommandContext): Promise<Answer>;
}

export function command<F extends Flags, A extends Flags>(
  definition: CommandDefinition<F, A>,
): RunnableCommand {
  return {
    ...definition,
    kind: "command",
    passesUnknownFlags: definition.passesUnknownFlags ?? false,
    arguments: Object.entries(definition.arguments).map(([name, argument]) => ({
      name,
      need: argument.kind === "list" ? "many" : definition.optional?.includes(name) ? "optional" : "required",
      description: argument.description,
    })),
    // Rejects rather than throws, whatever a flag's reader finds.
    run: async (given, context) =>
      definition.run(
        { ...read(definition.flags, given, shownFlag), ...read(definition.arguments, given, shownArgument) },
        context,
      ),
  };
}

/** `initTimeout` as the user writes it: `--init-timeout`. */
export const shownFlag = (name: string): string =>
  `--${name.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;

const shownArgument = (name: string): string => `<${name}>`;

function read<F extends Flags>(
  flags: F,
  given: Readonly<Record<string, Given>>,
  shown: (name: string) => string,
): ValuesOf<F> {
  const values = Object.entries(flags).map(([name, flag]) => [name, flag.read(given[name], shown(name))]);
  // Each value has the type that its flag reads: the one place where this is known only by construction.
  return Object.fromEntries(values) as ValuesOf<F>;
}
