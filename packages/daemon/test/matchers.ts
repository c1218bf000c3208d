/**
 * Vitest's matchers without their `any`, and a way into JSON documents.
 */
import { expect } from "vitest";

export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
export const containing = (text: string): unknown => expect.stringContaining(text);
export const anyNumber: unknown = expect.any(Number);

export const parseJson = (text: string): unknown => JSON.parse(text);

/** What `document` has at `path`, or undefined where the path leads nowhere. */
export function at(document: unknown, ...path: readonly (string | number)[]): unknown {
  let found = document;
  for (const key of path)
    found = typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined;
  return found;
}
