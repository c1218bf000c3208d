/**
 * The runtime expressions in a workflow's definition: strings of the form `${ ... }` anywhere, and those that stand alone where
 * only an expression can be.
 */
import { allTasksOf, isObject, valueAt } from "./walk-tasks.ts";

export interface PlacedExpression {
  /** JSON pointer of the string. */
  readonly pointer: string;
  readonly program: string;
}

const pattern = /^\s*\$\{([\s\S]*)\}\s*$/;

/** Properties of tasks that are expressions by themselves. */
const ofTask: readonly (readonly string[])[] = [
  ["if"],
  ["for", "in"],
  ["while"],
  ["catch", "when"],
  ["catch", "exceptWhen"],
  ["catch", "retry", "when"],
  ["catch", "retry", "exceptWhen"],
  ["listen", "to", "until"],
];
/** Those of tasks and of workflows. */
const ofData: readonly (readonly string[])[] = [
  ["input", "from"],
  ["output", "as"],
  ["export", "as"],
];

export function* expressionsIn(definition: unknown): Generator<PlacedExpression> {
  yield* enclosedIn(definition, "");
  yield* aloneAt(definition, "", ofData);
  for (const { pointer, task } of allTasksOf(definition)) {
    yield* aloneAt(task, pointer, [...ofTask, ...ofData]);
    const cases = task["switch"];
    for (const [i, item] of Array.isArray(cases) ? cases.entries() : [])
      for (const [name, body] of Object.entries(isObject(item) ? item : {}))
        yield* aloneAt(body, `${pointer}/switch/${i}/${name}`, [["when"]]);
  }
}

function* enclosedIn(value: unknown, pointer: string): Generator<PlacedExpression> {
  if (typeof value === "string") {
    const program = pattern.exec(value)?.[1];
    if (program !== undefined) yield { pointer, program };
  } else if (Array.isArray(value) || isObject(value))
    for (const [key, part] of Object.entries(value)) yield* enclosedIn(part, `${pointer}/${key}`);
}

function* aloneAt(
  value: unknown,
  pointer: string,
  paths: readonly (readonly string[])[],
): Generator<PlacedExpression> {
  for (const path of paths) {
    const program = valueAt(value, path);
    if (typeof program === "string" && !pattern.test(program))
      yield { pointer: `${pointer}/${path.join("/")}`, program };
  }
}
