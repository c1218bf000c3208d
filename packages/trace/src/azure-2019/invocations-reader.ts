/**
 * Reader of the invocations-per-minute files of the Azure Functions trace of 2019 (Shahrad et al., USENIX ATC 2020), as
 * Microsoft and others store them: Azure's own columns, invitro's (`minute_1`, any column order), or no header at all.
 *
 * Text comes in chunks and functions go out as their rows are complete, so that a file of any size takes little memory.
 * What is compressed must be undone before.
 *
 * Invariants (cited by the tests):
 *   A1  every row of the file comes out once, as a function or as a problem with its line
 *   A2  a function's counts are exactly the file's, in the order of minutes, whatever the order of columns
 *   A3  a file whose layout is unknown is refused as a whole, not read row by row
 */
import { FrugalError, unreachable } from "@frugal/core";
import { type CsvItem, CsvScanner } from "../csv/csv-scanner.ts";
import type { FunctionTrace, TraceProblem } from "./function-trace.ts";
import { type Layout, layoutOf } from "./layout.ts";

export type TraceItem =
  | ({ readonly kind: "function" } & FunctionTrace)
  /** A row that was left out. */
  | ({ readonly kind: "problem" } & TraceProblem);

const MOST_PER_MINUTE = 2 ** 32 - 1;
/** Problems that an error message tells in full. */
const PROBLEMS_SHOWN = 5;

export class InvocationsReader {
  readonly #scanner = new CsvScanner();
  #layout: Layout | undefined;
  #functions = 0;
  #problems = 0;

  /** Functions read so far. */
  get functions(): number {
    return this.#functions;
  }

  /** Rows left out so far. */
  get problems(): number {
    return this.#problems;
  }

  /** What `chunk` completes. Throws `invalid-trace` where the first row shows that this is no invocations file. */
  push(chunk: string): readonly TraceItem[] {
    return this.#read(this.#scanner.push(chunk));
  }

  /** The last row. Throws `invalid-trace` where the file is empty. */
  end(): readonly TraceItem[] {
    const items = this.#read(this.#scanner.end());
    if (this.#layout !== undefined) return items;
    throw new FrugalError(
      "invalid-trace",
      "The invocations file is empty\nGive a file of the Azure Functions trace 2019: one row a function, one column a minute",
    );
  }

  #read(rows: readonly CsvItem[]): readonly TraceItem[] {
    const items: TraceItem[] = [];
    for (const row of rows) {
      const item = this.#itemOf(row);
      if (item === undefined) continue;
      if (item.kind === "function") this.#functions++;
      else this.#problems++;
      items.push(item);
    }
    return items;
  }

  #itemOf(row: CsvItem): TraceItem | undefined {
    switch (row.kind) {
      case "malformed":
        if (this.#layout === undefined) throw unreadableTrace([row]);
        return { kind: "problem", line: row.line, problem: row.problem };
      case "row": {
        if (this.#layout === undefined) {
          const { layout, isHeader } = layoutOf(row.fields);
          if (!isHeader) refuseForeign(row.fields, layout, row.line);
          this.#layout = layout;
          if (isHeader) return undefined;
        }
        return functionOf(row.fields, this.#layout, row.line);
      }
      default:
        return unreachable(row);
    }
  }
}

/** All of one text at once; throws as the reader does. */
export function readInvocations(text: string): {
  readonly functions: readonly FunctionTrace[];
  readonly problems: readonly TraceProblem[];
} {
  const reader = new InvocationsReader();
  const functions: FunctionTrace[] = [];
  const problems: TraceProblem[] = [];
  for (const item of [...reader.push(text), ...reader.end()]) {
    if (item.kind === "function") functions.push(item);
    else problems.push(item);
  }
  return { functions, problems };
}

/** The error for those who need every row of a file: says how many rows are bad, and shows the first. */
export function unreadableTrace(problems: readonly TraceProblem[]): FrugalError {
  const shown = problems.slice(0, PROBLEMS_SHOWN).map(({ line, problem }) => `line ${line}: ${problem}`);
  const rest = problems.length - shown.length;
  return new FrugalError(
    "invalid-trace",
    [
      `${problems.length} ${problems.length === 1 ? "row" : "rows"} of the trace cannot be read`,
      ...shown,
      ...(rest > 0 ? [`and ${rest} more`] : []),
      "Mend or remove them, or fetch the file again",
    ].join("\n"),
    { details: { count: problems.length, problems: problems.slice(0, PROBLEMS_SHOWN) } },
  );
}

/** Without a header only the first row can tell another file from this one. */
function refuseForeign(fields: readonly string[], layout: Layout, line: number): void {
  const [owner, app, name, trigger, ...counts] = fields;
  const isRow =
    fields.length === layout.columns &&
    [owner, app, name].every((hash) => hash !== undefined && /^[0-9a-f]{8,128}$/i.test(hash)) &&
    trigger !== undefined &&
    countOf(trigger) === undefined &&
    counts.some((count) => countOf(count) !== undefined);
  if (isRow) return;
  throw new FrugalError(
    "invalid-trace",
    `Line ${line} is neither a header nor a row of an Azure Functions 2019 invocations file\n` +
      `A header has the column HashFunction; without one, a row has ${layout.columns} columns: three hashes, a trigger and the counts of 1440 minutes; this line has ${fields.length}`,
    { details: { line, columns: fields.length } },
  );
}

function functionOf(fields: readonly string[], layout: Layout, line: number): TraceItem {
  const problem = (text: string): TraceItem => ({ kind: "problem", line, problem: text });
  if (fields.length !== layout.columns) {
    return problem(`the row has ${fields.length} columns, expected ${layout.columns}`);
  }
  const counts = new Uint32Array(layout.minutes.length);
  for (const [minute, column] of layout.minutes.entries()) {
    const text = fields[column] ?? "";
    const count = countOf(text);
    if (count === undefined) {
      return problem(
        `minute ${minute + 1} is ${JSON.stringify(text.slice(0, 40))}, expected a whole number from 0 to ${MOST_PER_MINUTE}`,
      );
    }
    counts[minute] = count;
  }
  const hash = (column: number): string => detached(fields[column] ?? "");
  const [owner, app, name] = [hash(layout.owner), hash(layout.app), hash(layout.function)];
  if (owner === "" || app === "" || name === "") return problem("a hash is empty");
  const trigger = layout.trigger === undefined ? undefined : hash(layout.trigger);
  return { kind: "function", owner, app, function: name, trigger, counts, line };
}

/** `text` as a count, or undefined. Digit by digit: a full day of the trace has 70 million counts. */
function countOf(text: string): number | undefined {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    count = count * 10 + digit;
  }
  return text === "" || count > MOST_PER_MINUTE ? undefined : count;
}

/** A copy of `text`: a slice would keep the whole chunk that it was cut from in memory. */
const detached = (text: string): string => `.${text}`.slice(1);
