/**
 * Aligned columns for people.
 *
 * Invariants (cited by the tests):
 *   T1  no line is wider than the width asked for, as long as the columns that neither shrink nor go fit
 *   T2  every column starts at the same place in every line
 *   T3  control characters of the data never reach the terminal
 */

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** May be cut to fit; wide columns are cut first. */
  readonly shrinks?: boolean;
  /** May be left out to fit, before anything is cut; the lowest number goes first. */
  readonly goes?: number;
  /** Colours a padded cell. */
  readonly paint?: (cell: string) => string;
}

const GAP = "  ";
const SMALLEST = 8;

/** The table's lines, each ended by a newline; cells beyond the columns are dropped, missing ones are empty. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const all = rows.map((row) => columns.map((_, i) => printable(row[i] ?? "")));
  const kept = thatFit(columns, naturalWidths(columns, all), width);
  if (kept.length < columns.length) {
    const keptRows = all.map((row) => row.filter((_, i) => kept.includes(columns[i] ?? NO_COLUMN)));
    return tableOf(kept, keptRows, width);
  }
  return tableOf(columns, all, width);
}

const NO_COLUMN: Column = { title: "" };

/** Leaves out columns that may go, one after another, until the rest fits. */
function thatFit(columns: readonly Column[], natural: readonly number[], width: number): readonly Column[] {
  const kept = columns.map((column, i) => ({ column, width: natural[i] ?? 0 }));
  const lineWidth = (): number =>
    kept.reduce((sum, one) => sum + one.width, 0) + GAP.length * (kept.length - 1);
  while (lineWidth() > width) {
    const rank = Math.min(...kept.map(({ column }) => column.goes ?? Infinity));
    if (rank === Infinity) break;
    kept.splice(
      kept.findIndex(({ column }) => column.goes === rank),
      1,
    );
  }
  return kept.map(({ column }) => column);
}

function tableOf(columns: readonly Column[], cells: readonly (readonly string[])[], width: number): string {
  const widths = fitted(columns, naturalWidths(columns, cells), width);
  const line = (row: readonly string[], isTitle: boolean): string =>
    columns
      .map((column, i) => {
        const isLast = i === columns.length - 1;
        const cell = aligned(cut(row[i] ?? "", widths[i] ?? 0), widths[i] ?? 0, column, isLast);
        return isTitle || column.paint === undefined ? cell : column.paint(cell);
      })
      .join(GAP)
      .trimEnd();
  const titles = columns.map((column) => column.title);
  return [line(titles, true), ...cells.map((row) => line(row, false))].map((text) => `${text}\n`).join("");
}

/** `text` on one line, without control characters (T3). */
export const printable = (text: string): string =>
  text.replaceAll(/\s+/g, " ").replaceAll(/[\p{Cc}\p{Cf}]/gu, "");

const naturalWidths = (columns: readonly Column[], cells: readonly (readonly string[])[]): number[] =>
  columns.map((column, i) => Math.max(widthOf(column.title), ...cells.map((row) => widthOf(row[i] ?? ""))));

/** Takes from the widest shrinking column until the line fits. */
function fitted(columns: readonly Column[], natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, one) => sum + one, 0) + GAP.length * (columns.length - 1) - width;
  while (excess > 0) {
    const widest = columns.reduce(
      (best, column, i) => (column.shrinks === true && (widths[i] ?? 0) > (widths[best] ?? 0) ? i : best),
      -1,
    );
    const current = widths[widest];
    if (current === undefined || current <= SMALLEST) break;
    widths[widest] = current - 1;
    excess--;
  }
  return widths;
}

const widthOf = (text: string): number => [...text].length;

const cut = (text: string, width: number): string =>
  widthOf(text) <= width ? text : `${[...text].slice(0, Math.max(0, width - 1)).join("")}…`;

/** The last column is not padded, so that lines end where their text ends. */
function aligned(text: string, width: number, column: Column, isLast: boolean): string {
  const padding = " ".repeat(Math.max(0, width - widthOf(text)));
  if (column.align === "right") return padding + text;
  return isLast ? text : text + padding;
}

/** `text` in lines of at most `width` where its words allow it, each after `indent`, the last one ended too. */
export function wrapped(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of printable(text).split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && widthOf(indent + longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((one) => `${indent}${one}\n`).join("");
}

/** Two columns without titles, each line ended. */
export function alignedPairs(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${`${name.padEnd(width)}  ${value}`.trimEnd()}\n`).join("");
}
