/**
 * CSV scanner: rows with line numbers out of text that arrives in chunks (RFC 4180, and plain `\n` line ends).
 *
 * It knows fields and rows and nothing of their meaning. A byte order mark and empty lines are no rows. What cannot be
 * read as CSV comes out as a `malformed` item, and scanning goes on at the next line.
 *
 * Invariants (cited by the tests):
 *   C1  where the text is cut into chunks changes nothing
 *   C2  what is written as CSV reads back the same
 *   C3  every line that is not empty is part of exactly one item, and the items' line numbers grow
 */

export type CsvItem =
  | {
      readonly kind: "row";
      /** Line that the row starts on, from 1. */
      readonly line: number;
      readonly fields: readonly string[];
    }
  | { readonly kind: "malformed"; readonly line: number; readonly problem: string };

/** A quote left open swallows all lines up to the next quote; a row over this many characters is given up instead. */
const LONGEST_ROW = 1024 * 1024;

const TEXT_AFTER_QUOTE = "text follows a closed quote";

const COMMA = 0x2c;
const NEWLINE = 0x0a;
const QUOTE = 0x22;

/**
 * Where in a row the scanner is: before a field, in plain or quoted text, after a quote that closed the field (unless
 * another quote follows), after that and a carriage return, or in the rest of a row that was given up.
 */
type State = "start" | "plain" | "quoted" | "closed" | "returned" | "lost";

export class CsvScanner {
  readonly #longestRow: number;
  #items: CsvItem[] = [];
  #state: State = "start";
  #fields: string[] = [];
  #field = "";
  /** Characters of the row so far. */
  #length = 0;
  #problem: string | undefined;
  #line = 1;
  #rowLine = 1;
  #begun = false;

  constructor(options: { readonly longestRow?: number } = {}) {
    this.#longestRow = options.longestRow ?? LONGEST_ROW;
  }

  /** The rows that `chunk` completes. */
  push(chunk: string): readonly CsvItem[] {
    let at = !this.#begun && chunk.startsWith("\uFEFF") ? 1 : 0;
    if (chunk !== "") this.#begun = true;
    while (at < chunk.length) {
      if (this.#length > this.#longestRow) this.#giveUp();
      if (this.#state === "lost") at = this.#skipLine(chunk, at);
      else if (this.#state === "quoted") at = this.#readQuoted(chunk, at);
      else at = this.#readPlain(chunk, at);
    }
    return this.#taken();
  }

  /** The last row, where the text did not end with a line end. Nothing may be pushed after it. */
  end(): readonly CsvItem[] {
    if (this.#state === "quoted") this.#problem ??= "a quote is opened and not closed";
    this.#endRow();
    return this.#taken();
  }

  #readPlain(chunk: string, at: number): number {
    let end = at;
    let code = 0;
    for (; end < chunk.length; end++) {
      code = chunk.charCodeAt(end);
      if (code === COMMA || code === NEWLINE || code === QUOTE) break;
    }
    const read = this.#fitting(at, end);
    if (read > at) this.#addPlain(chunk.slice(at, read));
    if (read < end) this.#giveUp();
    if (read < end || end === chunk.length) return read;
    if (code === COMMA) this.#endField();
    else if (code === NEWLINE) this.#endLine();
    else this.#readQuote();
    return end + 1;
  }

  #readQuoted(chunk: string, at: number): number {
    const quote = chunk.indexOf('"', at);
    const end = quote === -1 ? chunk.length : quote;
    const read = this.#fitting(at, end);
    this.#add(chunk.slice(at, read));
    if (read < end) this.#giveUp();
    for (let i = chunk.indexOf("\n", at); i !== -1 && i < read; i = chunk.indexOf("\n", i + 1)) this.#line++;
    if (read < end || quote === -1) return read;
    this.#state = "closed";
    return end + 1;
  }

  /** How far from `at` towards `end` the row may still grow. */
  #fitting(at: number, end: number): number {
    return Math.min(end, at + this.#longestRow - this.#length);
  }

  #giveUp(): void {
    this.#problem ??= `the row is longer than ${this.#longestRow} characters; is a quote left open?`;
    this.#state = "lost";
  }

  #add(text: string): void {
    this.#field += text;
    this.#length += text.length;
  }

  #addPlain(text: string): void {
    this.#add(text);
    if (this.#state === "closed" && text === "\r") {
      this.#state = "returned";
      return;
    }
    if (this.#state === "closed" || this.#state === "returned") this.#problem ??= TEXT_AFTER_QUOTE;
    this.#state = "plain";
  }

  #readQuote(): void {
    this.#length++;
    if (this.#state === "start") this.#state = "quoted";
    else if (this.#state === "closed") {
      this.#field += '"';
      this.#state = "quoted";
    } else this.#problem ??= "a quote stands inside a field that does not start with one";
  }

  #endField(): void {
    this.#length++;
    if (this.#state === "returned") this.#problem ??= TEXT_AFTER_QUOTE;
    this.#fields.push(this.#field);
    this.#field = "";
    this.#state = "start";
  }

  #endLine(): void {
    this.#endRow();
    this.#line++;
    this.#rowLine = this.#line;
  }

  #skipLine(chunk: string, at: number): number {
    const newline = chunk.indexOf("\n", at);
    if (newline === -1) return chunk.length;
    this.#endLine();
    return newline + 1;
  }

  #endRow(): void {
    if (this.#state === "plain" || this.#state === "returned") {
      if (this.#field.endsWith("\r")) this.#field = this.#field.slice(0, -1);
    }
    const isQuoted = this.#state === "closed" || this.#state === "returned";
    const isEmpty = this.#fields.length === 0 && this.#field === "" && !isQuoted;
    if (this.#problem !== undefined) {
      this.#items.push({ kind: "malformed", line: this.#rowLine, problem: this.#problem });
    } else if (!isEmpty) {
      this.#items.push({ kind: "row", line: this.#rowLine, fields: [...this.#fields, this.#field] });
    }
    this.#fields = [];
    this.#field = "";
    this.#length = 0;
    this.#problem = undefined;
    this.#state = "start";
  }

  #taken(): readonly CsvItem[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }
}
