/**
 * The expressions that most workflows are made of, without jq: paths, and comparisons of a path with a number or a word.
 *
 * jq takes a millisecond for the shortest program, and this takes a microsecond. What it knows has exactly jq's results and
 * errors (a test compares them); whatever else a program holds is left to jq.
 */
import type { ExpressionResult, Json } from "@frugal/control";

type Step = string | number;
type Literal = null | boolean | number | string;

/** A program that needs no jq. */
export interface PlainProgram {
  /** Undefined: the input. */
  readonly variable: string | undefined;
  readonly steps: readonly Step[];
  readonly comparison: Comparison | undefined;
}

interface Comparison {
  readonly operator: string;
  readonly literal: Literal;
}

const text = String.raw`"(?:[^"\\\u0000-\u001f])*"`;
const number = String.raw`(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?`;
const bracket = String.raw`\[(?:${text}|-?\d{1,9})\]`;
const step = String.raw`\.[A-Za-z_]\w*|\.${text}|${bracket}`;
const stepPattern = new RegExp(step, "g");
/** `.`, `.a.b[0]."c d"`, `$input.a`, each with or without `== "x"`. A path from the input starts with a dot. */
const programPattern = new RegExp(
  String.raw`^\s*(?:\.(?=\s*(?:[=!<>\[]|$))|(?<variable>\$[A-Za-z_]\w*)|(?=\.))(?<path>(?:${step})*)` +
    String.raw`(?:\s*(?<operator>==|!=|<=|>=|<|>)\s*(?<literal>${text}|${number}|true|false|null))?\s*$`,
);
/** Names that mean something to jq itself. */
const jqsOwn: ReadonlySet<string> = new Set(["ENV", "__loc__", "__prog_args"]);

/** `program` as a plain one, or undefined where it takes jq. */
export function plainProgram(program: string): PlainProgram | undefined {
  const groups = programPattern.exec(program)?.groups;
  if (groups === undefined) return undefined;
  const { variable, path = "", operator, literal } = groups;
  if (variable !== undefined && jqsOwn.has(variable.slice(1))) return undefined;
  return {
    variable: variable?.slice(1),
    steps: stepsIn(path),
    comparison:
      operator === undefined || literal === undefined ? undefined : { operator, literal: literalOf(literal) },
  };
}

const stepsIn = (path: string): readonly Step[] =>
  [...path.matchAll(stepPattern)].map(([found]) => {
    const inner = found.startsWith("[") ? found.slice(1, -1) : found.slice(1);
    if (inner.startsWith('"')) return inner.slice(1, -1);
    return found.startsWith("[") ? Number(inner) : inner;
  });

const literalOf = (literal: string): Literal => {
  if (literal === "null") return null;
  if (literal === "true" || literal === "false") return literal === "true";
  return literal.startsWith('"') ? literal.slice(1, -1) : Number(literal);
};

/** What jq would make of the program. */
export function evaluatePlain(
  { variable, steps, comparison }: PlainProgram,
  input: Json,
  variables: Readonly<Record<string, Json>>,
): ExpressionResult {
  if (variable !== undefined && !Object.hasOwn(variables, variable))
    return { kind: "fault", reason: `$${variable} is not defined` };
  let value: Json = variable === undefined ? input : (variables[variable] ?? null);
  for (const next of steps) {
    const found = member(value, next);
    if (found === undefined) return { kind: "fault", reason: cannotIndex(value, next) };
    value = found;
  }
  return { kind: "value", value: comparison === undefined ? value : compared(value, comparison) };
}

/** Undefined where jq would fail. */
function member(value: Json, step: Step): Json | undefined {
  if (value === null) return null;
  if (Array.isArray(value)) {
    const list: readonly Json[] = value;
    return typeof step === "number" ? (list[step < 0 ? list.length + step : step] ?? null) : undefined;
  }
  if (typeof value !== "object" || typeof step !== "string") return undefined;
  const object = value as Readonly<Record<string, Json>>;
  return Object.hasOwn(object, step) ? object[step] : null;
}

const cannotIndex = (value: Json, step: Step): string =>
  `Cannot index ${typeOf(value)} with ${typeof step === "number" ? "number" : `string "${step}"`}`;

const typeOf = (value: Json): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : typeof value;

function compared(value: Json, { operator, literal }: Comparison): boolean {
  const order = ordered(value, literal);
  switch (operator) {
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    default:
      return order >= 0;
  }
}

/** jq's order of all values: null, false, true, numbers, strings, arrays, objects. Negative where `value` comes first. */
function ordered(value: Json, literal: Literal): number {
  const rank = rankOf(value) - rankOf(literal);
  if (rank !== 0) return rank;
  if (typeof value === "number" && typeof literal === "number") return value - literal;
  if (typeof value === "string" && typeof literal === "string")
    return Buffer.compare(Buffer.from(value), Buffer.from(literal));
  return 0;
}

function rankOf(value: Json): number {
  if (value === null) return 0;
  if (typeof value === "boolean") return value ? 2 : 1;
  if (typeof value === "number") return 3;
  if (typeof value === "string") return 4;
  return Array.isArray(value) ? 5 : 6;
}
