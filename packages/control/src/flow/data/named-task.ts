/**
 * Entries of a list of tasks: objects with one property, the task's name.
 */
import type { Json } from "../json.ts";
import { standardFault } from "../raised-fault.ts";
import { isObject, type JsonObject } from "./json-value.ts";

export interface NamedTask {
  readonly name: string;
  readonly definition: JsonObject;
}

export function namedTask(item: Json): NamedTask {
  const [entry, ...others] = isObject(item) ? Object.entries(item) : [];
  if (entry !== undefined && others.length === 0 && isObject(entry[1]))
    return { name: entry[0], definition: entry[1] };
  throw standardFault(
    "configuration",
    `A list of tasks has ${JSON.stringify(item)} in it; each of its items is "- name: {...}"`,
  );
}
