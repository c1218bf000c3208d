/**
 * URI templates as far as the DSL has them: `{name}` with a top-level property of the data (RFC 6570, level 1).
 */
import type { Json } from "../json.ts";
import { standardFault } from "../raised-fault.ts";
import { member } from "./json-value.ts";

/** `template` with its names replaced by the properties of `data`. A fault where one is a list or an object. */
export const expandUri = (template: string, data: Json): string =>
  template.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => {
    const value = member(data, name) ?? "";
    if (typeof value === "object")
      throw standardFault(
        "expression",
        `{${name}} of the URI ${template} is a list or an object; only text, numbers and booleans can be in a URI`,
      );
    return uriComponent(String(value));
  });

/** Percent-encodes all but the unreserved characters of RFC 3986. */
export const uriComponent = (text: string): string =>
  percentEncoded(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** JavaScript's own percent-encoding of UTF-8; half characters become the replacement character. */
export const percentEncoded = (text: string): string =>
  encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, "\uFFFD"));
