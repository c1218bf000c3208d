import { expect } from "vitest";

/** Reads an XML document of elements and text; fails where it is none. */
export function checkXml(text: string): void {
  const tag = /<(\/?)(\w+)(?: [\w:-]+="[^"<&]*")*(\/?)>/g;
  const open: string[] = [];
  for (const [, closes, name = "", isEmpty] of text.matchAll(tag)) {
    if (closes !== "") expect(open.pop()).toBe(name);
    else if (isEmpty === "") open.push(name);
  }
  expect(open).toEqual([]);
  expect(text.replaceAll(tag, "").replaceAll(/&(amp|lt|gt);/g, "")).not.toMatch(/[<>&]/);
}
