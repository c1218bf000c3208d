/**
 * Base64 of a text's UTF-8, in plain arithmetic: pure code has no encoder at hand.
 */
import { percentEncoded } from "./uri-template.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function base64(text: string): string {
  const bytes = utf8(text);
  let encoded = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [first = 0, second, third] = bytes.slice(i, i + 3);
    const bits = (first << 16) | ((second ?? 0) << 8) | (third ?? 0);
    encoded += sextet(bits, 18) + sextet(bits, 12);
    encoded += second === undefined ? "=" : sextet(bits, 6);
    encoded += third === undefined ? "=" : sextet(bits, 0);
  }
  return encoded;
}

const sextet = (bits: number, shift: number): string => alphabet.charAt((bits >> shift) & 63);

/** Percent-encoding already knows UTF-8. */
const utf8 = (text: string): readonly number[] =>
  [...percentEncoded(text).matchAll(/%([0-9A-F]{2})|(.)/g)].map(([, hex, character]) =>
    hex === undefined ? (character ?? "").charCodeAt(0) : Number.parseInt(hex, 16),
  );
