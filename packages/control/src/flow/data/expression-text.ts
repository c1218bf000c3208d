/**
 * Finds runtime expressions, `${ ... }`, in the strings of a definition. The jq inside may have braces and strings of its own,
 * and strings in jq may have programs inside: `${ "\(.a["}"])" }` is one expression.
 */
type Segment =
  { readonly kind: "text"; readonly text: string } | { readonly kind: "program"; readonly program: string };

/** `text` as what stands as it is and what is evaluated, in order. An expression that never ends is text. */
export function segmentsOf(text: string): readonly Segment[] {
  const segments: Segment[] = [];
  let rest = 0;
  for (let start = text.indexOf("${"); start !== -1; start = text.indexOf("${", rest)) {
    const end = endOfProgram(text, start + 2, "}");
    if (end === undefined) break;
    if (start > rest) segments.push({ kind: "text", text: text.slice(rest, start) });
    segments.push({ kind: "program", program: text.slice(start + 2, end).trim() });
    rest = end + 1;
  }
  if (rest < text.length) segments.push({ kind: "text", text: text.slice(rest) });
  return segments;
}

/** The program of `text` where it is one expression and nothing else; undefined otherwise. */
export function soleProgram(text: string): string | undefined {
  const trimmed = text.trim();
  if (!trimmed.startsWith("${")) return undefined;
  const [first, ...others] = segmentsOf(trimmed);
  return first?.kind === "program" && others.length === 0 ? first.program : undefined;
}

/** The program of `text` where the DSL expects an expression: with or without the `${ }` around it. */
export const programOf = (text: string): string => soleProgram(text) ?? text.trim();

/** Index of the `closer` of the program that starts at `start`. */
function endOfProgram(text: string, start: number, closer: "}" | ")"): number | undefined {
  let i = start;
  while (i < text.length) {
    const character = text[i];
    if (character === closer) return i;
    const end =
      character === '"'
        ? endOfString(text, i + 1)
        : character === "{"
          ? endOfProgram(text, i + 1, "}")
          : character === "("
            ? endOfProgram(text, i + 1, ")")
            : i;
    if (end === undefined) return undefined;
    i = end + 1;
  }
  return undefined;
}

/** Index of the quote that ends the string whose content starts at `start`. */
function endOfString(text: string, start: number): number | undefined {
  let i = start;
  while (i < text.length) {
    if (text[i] === '"') return i;
    if (text[i] !== "\\") i++;
    else if (text[i + 1] !== "(") i += 2;
    else {
      const end = endOfProgram(text, i + 2, ")");
      if (end === undefined) return undefined;
      i = end + 1;
    }
  }
  return undefined;
}
