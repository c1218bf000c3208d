/**
 * Answers damaged at one place, for tests of checks.
 */

type Path = readonly (string | number)[];

/** The paths of all values in a document, its root left out. */
export function placesOf(document: unknown, path: Path = []): readonly Path[] {
  if (typeof document !== "object" || document === null) return [path];
  const below = Array.isArray(document) ? [...document.entries()] : Object.entries(document);
  const nested = below.flatMap(([key, value]) => placesOf(value, [...path, key]));
  return path.length === 0 ? nested : [path, ...nested];
}

/** `kind` is change, remove, add or empty; of a text, the character at the share `at` of its length is changed. */
export function withDamage(document: unknown, [key, ...rest]: Path, kind: string, at: number): unknown {
  if (key === undefined) {
    if (kind === "empty") return null;
    return kind === "add" ? extended(document, at) : changed(document, at);
  }
  const removes = kind === "remove" && rest.length === 0;
  const damaged = removes ? [] : [withDamage(childOf(document, key), rest, kind, at)];
  if (Array.isArray(document)) return document.toSpliced(Number(key), 1, ...damaged);
  const others = Object.entries(document ?? {}).filter(([name]) => name !== key);
  return Object.fromEntries([...others, ...damaged.map((value) => [key, value] as const)]);
}

const childOf = (document: unknown, key: string | number): unknown =>
  Object.entries(document ?? {}).find(([name]) => name === String(key))?.[1];

function extended(value: unknown, at: number): unknown {
  if (Array.isArray(value)) return [...(value as readonly unknown[]), value[0]];
  return typeof value === "object" && value !== null ? { ...value, more: 1 } : changed(value, at);
}

/** Another value of the same kind; of a text, one character at the share `at` of its length is another one. */
function changed(value: unknown, at: number): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? value + 1 : value * 1.001;
  if (typeof value === "boolean") return !value;
  if (typeof value !== "string") return "another";
  const index = Math.floor(at * value.length);
  return `${value.slice(0, index)}${value[index] === "A" ? "B" : "A"}${value.slice(index + 1)}`;
}
