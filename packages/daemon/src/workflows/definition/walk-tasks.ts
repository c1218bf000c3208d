/**
 * The tasks of a workflow's definition, wherever they are nested. The definition need not be valid.
 */

/** A task with its place: a JSON pointer like `/do/0/resize`. */
export interface PlacedTask {
  readonly pointer: string;
  readonly task: Readonly<Record<string, unknown>>;
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A part of a JSON pointer (RFC 6901). */
const escaped = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");

/** Where a task of each kind has lists of tasks, as paths of properties. */
const nestings: readonly (readonly string[])[] = [
  ["do"],
  ["try"],
  ["catch", "do"],
  ["fork", "branches"],
  ["foreach", "do"],
  ["listen", "foreach", "do"],
];

/** Every task under `do`, parents before their children. */
function* tasksOf(definition: unknown): Generator<PlacedTask> {
  if (isObject(definition)) yield* tasksIn(definition["do"], "/do");
}

function* tasksIn(list: unknown, pointer: string): Generator<PlacedTask> {
  if (!Array.isArray(list)) return;
  for (const [i, item] of list.entries()) {
    if (!isObject(item)) continue;
    for (const [name, task] of Object.entries(item)) {
      if (!isObject(task)) continue;
      const place = `${pointer}/${i}/${escaped(name)}`;
      yield { pointer: place, task };
      for (const path of nestings) yield* tasksIn(valueAt(task, path), `${place}/${path.join("/")}`);
    }
  }
}

/** The tasks that `use.functions` names, for other tasks to call. */
export function reusableTasks(definition: unknown): readonly (PlacedTask & { readonly name: string })[] {
  const functions = valueAt(definition, ["use", "functions"]);
  if (!isObject(functions)) return [];
  return Object.entries(functions).flatMap(([name, task]) =>
    isObject(task) ? [{ name, pointer: `/use/functions/${escaped(name)}`, task }] : [],
  );
}

/** Those under `do` and those under `use.functions`. */
export function* allTasksOf(definition: unknown): Generator<PlacedTask> {
  yield* tasksOf(definition);
  yield* reusableTasks(definition);
}

/** What `path` leads to in `value`; undefined where it leads nowhere. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const part of path) {
    if (Array.isArray(found)) found = found[Number(part)];
    else if (isObject(found) && Object.hasOwn(found, part)) found = found[part];
    else return undefined;
  }
  return found;
}
