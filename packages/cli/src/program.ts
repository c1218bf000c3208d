/**
 * The command line made of a list of commands (commander does the parsing). Returns an exit code; ends nothing itself.
 */
import { FrugalError } from "@frugal/core";
import { Argument, Command as Commander, CommanderError, Option } from "commander";
import type { Answer, Command, CommandContext, CommandGroup, Example, RunnableCommand } from "./command.ts";
import { shownFlag } from "./command.ts";
import type { Flag, Given } from "./flags.ts";
import { exitCodeOfFailure, failureOf, failureText } from "./terminal/failure.ts";

/** Commands under one heading of the help. */
export interface CommandSection {
  readonly heading: string;
  readonly commands: readonly Command[];
}

export interface Program {
  readonly version: string;
  readonly summary: string;
  readonly sections: readonly CommandSection[];
}

/** Runs the command that `argv` (without node and script) asks for, and shows its answer or its error. */
export async function runProgram(
  program: Program,
  argv: readonly string[],
  world: Omit<CommandContext, "json">,
): Promise<number> {
  const context: CommandContext = { ...world, json: asksForJson(argv) };
  let chosen: (() => Promise<Answer>) | undefined;
  const root = build(program, context, (run) => {
    chosen = run;
  });
  try {
    if (argv.length === 0) root.outputHelp();
    else root.parse([...argv], { from: "user" });
    return chosen === undefined ? 0 : show(await chosen(), context);
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    return showFailure(
      thrown instanceof CommanderError ? parseFailure(thrown, argv) : failureOf(thrown),
      context,
    );
  }
}

/** Seen before parsing, so that an error of parsing is JSON too. */
const asksForJson = (argv: readonly string[]): boolean => {
  const end = argv.indexOf("--");
  return argv.slice(0, end === -1 ? undefined : end).includes("--json");
};

function show(answer: Answer, context: CommandContext): number {
  if (answer.kind === "streamed") return answer.exitCode ?? 0;
  if (context.json) context.terminal.out(documentText(answer.document, context));
  else if (answer.text.length > 0) context.terminal.out(answer.text);
  return answer.exitCode ?? 0;
}

function showFailure(failure: FrugalError, context: CommandContext): number {
  if (context.json) context.terminal.out(documentText({ error: failure.toReport() }, context));
  else context.terminal.err(failureText(failure, context.terminal.errColours));
  return exitCodeOfFailure(failure);
}

/** One line for scripts, indented for people. */
const documentText = (document: unknown, { terminal }: CommandContext): string =>
  `${JSON.stringify(document, undefined, Number.isFinite(terminal.width) ? 2 : undefined)}\n`;

type Choose = (run: () => Promise<Answer>) => void;

function build(program: Program, context: CommandContext, choose: Choose): Commander {
  const { terminal } = context;
  const root = new Commander("frugal")
    .description(program.summary)
    .version(program.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help of a command")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        terminal.out(text);
      },
      // Errors are shown once, by showFailure; help that commander would show as an error is asked for all the same.
      writeErr: (text) => {
        terminal.err(text);
      },
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(terminal.width, 110),
    });
  for (const { heading, commands } of program.sections) {
    for (const one of commands) {
      if (one.kind === "group") addGroup(root, one, context, choose).helpGroup(heading);
      else addCommand(root, one, context, choose).helpGroup(heading);
    }
  }
  return root;
}

function addGroup(
  parent: Commander,
  group: CommandGroup,
  context: CommandContext,
  choose: Choose,
): Commander {
  const made = parent
    .command(group.name)
    .summary(group.summary)
    .description(group.description)
    .addHelpText("after", examplesText(group.examples));
  for (const one of group.commands) addCommand(made, one, context, choose);
  return made;
}

function addCommand(
  parent: Commander,
  one: RunnableCommand,
  context: CommandContext,
  choose: Choose,
): Commander {
  const made = parent
    .command(one.name)
    .summary(one.summary)
    .description(one.description)
    .allowExcessArguments(false)
    .allowUnknownOption(one.passesUnknownFlags)
    .addHelpText("after", examplesText(one.examples));
  for (const { name, need, description } of one.arguments) {
    const shown = need === "many" ? `[${name}...]` : need === "optional" ? `[${name}]` : `<${name}>`;
    made.addArgument(new Argument(shown, description));
  }
  for (const [name, flag] of Object.entries(one.flags)) made.addOption(optionOf(name, flag));
  made.option("--json", "answer with one JSON document on stdout");
  made.action(() => {
    const { processedArgs } = made;
    const given: Record<string, Given> = { ...made.opts() };
    one.arguments.forEach(({ name }, i) => (given[name] = givenOf(processedArgs[i])));
    choose(() => one.run(given, context));
  });
  return made;
}

function optionOf(name: string, flag: Flag<unknown>): Option {
  const long = flag.kind === "off" ? `--no-${shownFlag(name).slice(2)}` : shownFlag(name);
  const takesValue = flag.kind === "value" || flag.kind === "list";
  const option = new Option(
    takesValue ? `${long} <${flag.placeholder}>` : long,
    flag.shownDefault === undefined
      ? flag.description
      : `${flag.description} (default: ${flag.shownDefault})`,
  );
  // Collects; commander's own variadic options would swallow the arguments that follow.
  if (flag.kind === "list") {
    option.argParser<readonly string[] | undefined>((value, before) => [...(before ?? []), value]);
  }
  return option;
}

function givenOf(value: unknown): Given {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" ? value : undefined;
}

function examplesText(examples: readonly Example[]): string {
  const width = Math.max(...examples.map(({ line }) => line.length));
  const lines = examples.map(({ line, meaning }) => `  ${line.padEnd(width)}  ${meaning}`);
  return ["", "Examples:", ...lines].join("\n");
}

/** Commander's `error: unknown option '--prot'\n(Did you mean --port?)` in our own manner. */
function parseFailure(error: CommanderError, argv: readonly string[]): FrugalError {
  const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const name = argv.find((word) => !word.startsWith("-"));
  const hint =
    name === undefined || error.code === "commander.unknownCommand"
      ? "frugal --help"
      : `frugal ${name} --help`;
  if (error.code === "commander.help" && name === "help") {
    const unknown = argv.find((word) => word !== "help" && !word.startsWith("-")) ?? "";
    return new FrugalError("invalid-request", `unknown command '${unknown}'\nSee: frugal --help`);
  }
  if (error.code === "commander.help")
    return new FrugalError("invalid-request", `${name ?? "frugal"}: which one?`);
  return new FrugalError("invalid-request", [first, ...rest, `See: ${hint}`].join("\n"), {
    details: { problem: error.code.replace(/^commander\./, "") },
  });
}
