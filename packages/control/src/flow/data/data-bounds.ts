/**
 * How much data tasks may hand on. Templates and loops can double it with every step; what is too large or too deep to be
 * written down would end the process, or hold up everything else that is to be stored.
 */
import type { Json } from "../json.ts";
import { isList, isObject } from "./json-value.ts";

export interface DataBounds {
  /** Characters of its JSON, roughly. */
  readonly dataSize: number;
  /** Lists and objects within lists and objects. */
  readonly dataDepth: number;
}

/** Of a number, a boolean or null, and of what is around a text, a list or an object. */
const ROUGH_SIZE = 4;

/** In what way `value` is beyond `bounds`; undefined where it is not. Looks no further than that takes. */
export function excessOf(value: Json, { dataSize, dataDepth }: DataBounds): string | undefined {
  const left = roomLeft(value, dataSize, dataDepth);
  if (left === TOO_DEEP) return `it is nested deeper than ${dataDepth} levels`;
  return left < 0 ? `it has more than ${dataSize} characters` : undefined;
}

const TOO_DEEP = -Infinity;

/** What `value` leaves of the room for `size` characters; negative as soon as there is none. */
function roomLeft(value: Json, size: number, depth: number): number {
  if (depth < 0) return TOO_DEEP;
  let left = size - ROUGH_SIZE;
  if (typeof value === "string") return left - value.length;
  if (isList(value)) {
    for (let i = 0; i < value.length && left >= 0; i++) left = roomLeft(value[i] ?? null, left, depth - 1);
  } else if (isObject(value)) {
    for (const name of Object.keys(value)) {
      if (left < 0) break;
      left = roomLeft(value[name] ?? null, left - name.length, depth - 1);
    }
  }
  return left;
}
