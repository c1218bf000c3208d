/**
 * Evaluates what a definition says: expressions, and templates, which are data with expressions in it.
 */
import type { Expressions } from "../expressions.ts";
import type { Json } from "../json.ts";
import { RaisedFault, standardFault } from "../raised-fault.ts";
import { segmentsOf, soleProgram } from "./expression-text.ts";
import { isList, isObject, type JsonObject } from "./json-value.ts";

/** What expressions can name with a dollar sign; made only when one is named, since some are large. */
export type Arguments = Readonly<Record<string, () => Json>>;

/** Evaluates a jq program on data; a fault where it fails. */
export type Evaluate = (program: string, input: Json) => Json;

export class Evaluator {
  readonly #expressions: Expressions;

  constructor(expressions: Expressions) {
    this.#expressions = expressions;
  }

  evaluate(program: string, input: Json, known: Arguments): Json {
    const result = this.#expressions.evaluate(program, input, namedIn(program, known));
    if (result.kind === "value") return result.value;
    throw standardFault("expression", `The expression ${shortened(program)} failed: ${result.reason}`);
  }
}

/**
 * `template` with its expressions evaluated on `input`. A string that is one expression becomes its value; one with
 * expressions in it, a text. In loose mode any string is tried as an expression, and stays as it is where that fails.
 */
export function resolved(template: Json, input: Json, evaluate: Evaluate, isLoose: boolean): Json {
  if (isList(template)) return template.map((item) => resolved(item, input, evaluate, isLoose));
  if (isObject(template))
    return Object.fromEntries(
      Object.entries(template).map(([name, value]) => [name, resolved(value, input, evaluate, isLoose)]),
    );
  if (typeof template !== "string") return template;
  if (!template.includes("${")) return isLoose ? tried(template, input, evaluate) : template;
  const program = soleProgram(template);
  if (program !== undefined) return evaluate(program, input);
  return segmentsOf(template)
    .map((segment) => (segment.kind === "text" ? segment.text : asText(evaluate(segment.program, input))))
    .join("");
}

function tried(text: string, input: Json, evaluate: Evaluate): Json {
  try {
    return evaluate(text, input);
  } catch (thrown) {
    if (thrown instanceof RaisedFault) return text;
    throw thrown;
  }
}

const asText = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

function namedIn(program: string, known: Arguments): JsonObject {
  const named: Record<string, Json> = {};
  for (const [, name = ""] of program.matchAll(/\$([A-Za-z_]\w*)/g))
    if (Object.hasOwn(known, name)) named[name] = known[name]?.() ?? null;
  return named;
}

const MOST_SHOWN = 200;
const shortened = (program: string): string =>
  program.length <= MOST_SHOWN ? program : `${program.slice(0, MOST_SHOWN)}...`;
