/**
 * A user's jq program as part of the program that jq is given, and jq's complaints in one line.
 *
 * The document that jq reads holds the input and the variables that the program mentions; they are bound by name. The first
 * value that the program yields is the result, so that one without end ends. The process's environment is out of reach.
 */
import type { Json } from "@frugal/control";
import type { JqRequest } from "./jq-protocol.ts";

const namePattern = /^[A-Za-z_]\w*$/;
const mention = /\$([A-Za-z_]\w*)/g;
/** Bound here, so that no program sees the environment; `input_filename` would name a file that nobody knows. */
const prelude = "{} as $ENV | def env: {}; def input_filename: null;";

/** What to ask of jq for `program`. Variables that it does not mention are left out. */
export function requestFor(
  program: string,
  input: Json,
  variables: Readonly<Record<string, Json>>,
): JqRequest {
  const mentioned = mentionedIn(program);
  const names = Object.keys(variables).filter((name) => mentioned.has(name) && namePattern.test(name));
  const bound = Object.fromEntries(names.map((name) => [name, variables[name]]));
  const binding = names.length === 0 ? "" : `. as {v: {${names.map((name) => `$${name}`).join(", ")}}} | `;
  return {
    program: `${prelude} ${binding}.i | first(${program}\n)`,
    document: JSON.stringify({ v: bound, i: input }),
  };
}

/**
 * A program that does nothing and compiles exactly where `program` is good by itself: one whose brackets only fit because of
 * those around it is refused. All its variables are defined.
 */
export function compilingOf(program: string): JqRequest {
  const bound = [...mentionedIn(program)].filter((name) => name !== "ENV" && !name.startsWith("__"));
  const binding = bound.map((name) => `null as $${name} | `).join("");
  return { program: `${prelude} ${binding}empty | ${program}\n`, document: "null" };
}

const mentionedIn = (program: string): ReadonlySet<string> =>
  new Set([...program.matchAll(mention)].map(([, name = ""]) => name));

/** What jq complained of on its error output, without the text of the program. */
export function reasonOf(complaint: string): string {
  const message = /jq: error(?: \(at [^)]*\))?(?: \(not a string\))?: ([\s\S]*)/.exec(complaint)?.[1];
  if (message === undefined) return `halted: ${complaint.trim()}`;
  const compiling = /^([\s\S]*?)(?: \(Unix shell quoting issues\?\))? at <top-level>, line \d+:/.exec(
    message,
  );
  if (compiling?.[1] !== undefined) return compiling[1];
  return message.trim() === "break" ? "No more inputs" : message.trim();
}
