/**
 * The DSL schema's complaints in few clear lines.
 *
 * A task is "one of" its kinds to the schema, so one slip in a task yields a complaint for every kind that the task is not,
 * and again for every task around it. What a task is meant to be shows in its keys: only complaints about that kind are kept.
 */
import { isObject, valueAt } from "./walk-tasks.ts";

const MOST_PROBLEMS = 8;

const taskKinds: readonly string[] = [
  "call",
  "do",
  "emit",
  "for",
  "fork",
  "listen",
  "raise",
  "run",
  "set",
  "switch",
  "try",
  "wait",
];
/** In the order of the schema's alternatives; any other call is of a function. */
const callKinds: readonly string[] = ["asyncapi", "grpc", "http", "openapi"];

/** One line of the SDK's error: `- <pointer> | <schema path> | <message> | <parameters as JSON>`. */
interface Complaint {
  readonly pointer: string;
  readonly path: readonly string[];
  readonly schema: string;
  readonly message: string;
  /** The property that is missing or too many, where the complaint is about one. */
  readonly property: string | undefined;
}

/** What `text`, the SDK's error for `document`, complains of: at least one line. */
export function schemaProblems(document: unknown, text: string): readonly string[] {
  const complaints = text.split("\n").flatMap((line) => complaintOf(line) ?? []);
  const meant = complaints.filter((complaint) => isMeant(document, complaint));
  const certain = deepest(meant.filter(({ message }) => !message.startsWith("must match")));
  const plain = [...kindlessTasks(document, complaints), ...linesOf(certain)];
  const lines = new Set(plain.length > 0 ? plain : linesOf(meant.length > 0 ? meant : complaints));
  if (lines.size === 0) return [text.split("\n")[0] ?? "it does not follow the schema"];
  return [...lines].slice(0, MOST_PROBLEMS);
}

function complaintOf(line: string): Complaint | undefined {
  const [pointer, schema, message, parameters] = line.replace(/^- /, "").split(" | ");
  if (!line.startsWith("- ") || pointer === undefined || schema === undefined || message === undefined)
    return undefined;
  const property = /"(?:missing|unevaluated|additional)Property":"([^"]*)"/.exec(parameters ?? "")?.[1];
  const path = pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  return { pointer, path, schema, message: plainly(schema, message), property };
}

/** Of a duration the schema only says that it is no object, and shows a pattern. */
const plainly = (schema: string, message: string): string =>
  schema.endsWith("/duration/oneOf/0/type")
    ? "must be a duration: ISO 8601 like PT5S, or an object like { seconds: 5 }"
    : message;

/** What a task's keys say that it is; `for` before `do`, which it has too. */
const kindOf = (task: unknown): string | undefined => {
  if (!isObject(task)) return undefined;
  const kinds = taskKinds.filter((kind) => Object.hasOwn(task, kind));
  return kinds.find((kind) => kind !== "do") ?? kinds[0];
};

/** Whether the last part of `path` is the name of a task. */
const isTask = (path: readonly string[]): boolean =>
  path.length >= 3 && /^\d+$/.test(path.at(-2) ?? "") && /^(do|try|branches)$/.test(path.at(-3) ?? "");

function isMeant(document: unknown, { path, schema, property }: Complaint): boolean {
  for (let length = path.length; length >= 3; length--) {
    const place = path.slice(0, length);
    if (!isTask(place)) continue;
    const task = valueAt(document, place);
    const kind = kindOf(task);
    if (kind === undefined) return false;
    if (length === path.length && property !== undefined && taskKinds.includes(property))
      return kind === "for" && property === "do";
    return kind !== "call" || isOfCall(task, schema);
  }
  return true;
}

function isOfCall(task: unknown, schema: string): boolean {
  const alternative = /^#\/oneOf\/(\d+)\//.exec(schema)?.[1];
  if (alternative === undefined) return schema !== "#/oneOf";
  const index = callKinds.indexOf(String(valueAt(task, ["call"])));
  return Number(alternative) === (index < 0 ? callKinds.length : index);
}

/** Objects where a task must be that have no key of any kind of task. */
const kindlessTasks = (document: unknown, complaints: readonly Complaint[]): readonly string[] =>
  complaints
    .filter(({ path }) => isTask(path))
    .flatMap(({ path, pointer }) => {
      const task = valueAt(document, path);
      if (kindOf(task) !== undefined) return [];
      const keys = isObject(task) ? Object.keys(task).join(", ") : "";
      return `${pointer} is no task: it needs one of ${taskKinds.join(", ")}${keys === "" ? "" : ` (it has: ${keys})`}`;
    });

/** Without those about what holds another one: where an inner value is wrong, no alternative fits around it. */
const deepest = (complaints: readonly Complaint[]): readonly Complaint[] =>
  complaints.filter(({ pointer }) => !complaints.some((other) => other.pointer.startsWith(`${pointer}/`)));

/** One line for each place: what is wrong with it, or what it could be. */
function linesOf(complaints: readonly Complaint[]): readonly string[] {
  const places = new Map<string, Set<string>>();
  for (const { pointer, message, property } of complaints) {
    const place = pointer === "" ? "/" : pointer;
    const isNamed = property === undefined || message.includes(`'${property}'`);
    const said = places.get(place) ?? new Set();
    places.set(place, said.add(isNamed ? message : `${message}: ${property}`));
  }
  return [...places].map(([place, messages]) => `${place} ${[...messages].join(", or ")}`);
}
