/**
 * Reading JSON whose shape a schema has promised, or nobody has.
 */
import type { Json } from "../json.ts";

export type JsonObject = Readonly<Record<string, Json>>;

export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !isList(value);

/** What `path` leads to in `value`, by own properties; undefined where it leads nowhere. */
export function member(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let found = value;
  for (const name of path) {
    if (!isObject(found) || !Object.hasOwn(found, name)) return undefined;
    found = found[name];
  }
  return found;
}

export const textIn = (value: Json | undefined, ...path: readonly string[]): string | undefined => {
  const found = member(value, ...path);
  return typeof found === "string" ? found : undefined;
};

export const numberIn = (value: Json | undefined, ...path: readonly string[]): number | undefined => {
  const found = member(value, ...path);
  return typeof found === "number" ? found : undefined;
};

/** The list that `path` leads to; empty where there is none. */
export const listIn = (value: Json | undefined, ...path: readonly string[]): readonly Json[] => {
  const found = member(value, ...path);
  return isList(found) ? found : [];
};

export function sameJson(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (isList(one))
    return isList(other) && one.length === other.length && one.every((item, i) => sameJson(item, other[i]));
  if (!isObject(one) || !isObject(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && sameJson(one[name], other[name]))
  );
}
