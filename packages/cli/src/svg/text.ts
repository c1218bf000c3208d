/**
 * Text in SVG documents: whatever it is, the document stays well-formed.
 */

export const textAt = (x: number, y: number, text: string, style = ""): string =>
  `<text x="${x}" y="${y}"${style === "" ? "" : ` ${style}`}>${escaped(text)}</text>`;

/** Control characters have no place in XML at all. */
export const escaped = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
