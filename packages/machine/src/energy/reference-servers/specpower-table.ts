/**
 * Reader of Cloud Carbon Footprint's table of SPECpower_ssj2008 results (CSV, one result per line).
 *
 * Invariants (cited by the tests):
 *   T1  a file with a malformed line is refused as a whole, and every such line is named
 *   T2  a result that is well formed but contradicts itself is set aside with the reason, never repaired
 */
import { FrugalError } from "@frugal/core";

export interface SpecpowerResult {
  /** Number in the first column. */
  readonly row: number;
  readonly system: string;
  readonly processor: string;
  readonly chips: number;
  readonly cores: number;
  readonly threads: number;
  readonly idleWatts: number;
  readonly fullWatts: number;
  readonly year: number;
}

export interface SpecpowerTable {
  readonly results: readonly SpecpowerResult[];
  readonly leftOut: readonly { readonly row: number; readonly why: string }[];
}

const columns = [
  "",
  "Benchmark",
  "Hardware Vendor",
  "System",
  "Result",
  "avg. watts @ 100%",
  "avg. watts @ active idle",
  "# Cores",
  "Chips",
  "# Cores Per Chip",
  "# Threads Per Core",
  "CPU Description",
  "Processor MHz",
  "Total Memory (GB)",
  "Power Supply Details",
  "Published",
  "Total Threads",
];

const MOST_PROBLEMS_SHOWN = 10;

/** The results in `text`; an `invalid-request` error names the malformed lines (T1). */
export function parseSpecpowerTable(text: string): SpecpowerTable {
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  const header = cellsOf(lines[0] ?? "");
  if (header?.join(",") !== columns.join(",")) {
    throw refusal(["line 1: the header is not that of a SPECpower table"]);
  }
  const problems: string[] = [];
  const results: SpecpowerResult[] = [];
  const leftOut: { row: number; why: string }[] = [];
  for (const [i, line] of lines.entries()) {
    if (i === 0) continue;
    const row = parseLine(line);
    if (typeof row === "string") problems.push(`line ${i + 1}: ${row}`);
    else if (row.contradiction === undefined) results.push(row.result);
    else leftOut.push({ row: row.result.row, why: row.contradiction });
  }
  if (problems.length > 0) throw refusal(problems);
  return { results, leftOut };
}

/** The cells of a CSV line; undefined where a quote is left open or followed by other text. */
function cellsOf(line: string): string[] | undefined {
  const cells: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const match = cell.exec(line);
    if (match === null) return undefined;
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === "") return cells;
  }
}

interface Row {
  readonly result: SpecpowerResult;
  readonly contradiction: string | undefined;
}

function parseLine(line: string): Row | string {
  const cells = cellsOf(line);
  if (cells === undefined) return "a quoted cell is not closed";
  if (cells.length !== columns.length) return `${cells.length} columns instead of ${columns.length}`;
  const text = (column: string): string => cells[columns.indexOf(column)] ?? "";
  const numbers = numbersOf(text);
  if (typeof numbers === "string") return numbers;
  const year = /^[A-Z][a-z]{2}-(\d{4})$/.exec(text("Published"))?.[1];
  if (year === undefined)
    return `"Published" is no month like Sep-2021: ${JSON.stringify(text("Published"))}`;
  const { row, chips, cores, threads, idleWatts, fullWatts } = numbers;
  const processor = text("CPU Description").replace(/,$/, "");
  const system = `${text("Hardware Vendor")} ${text("System")}`.replace(/\s+/g, " ");
  return {
    result: { row, system, processor, chips, cores, threads, idleWatts, fullWatts, year: Number(year) },
    contradiction: contradictionOf(numbers),
  };
}

interface RowNumbers {
  readonly row: number;
  readonly fullWatts: number;
  readonly idleWatts: number;
  readonly cores: number;
  readonly chips: number;
  readonly threadsPerCore: number;
  readonly threads: number;
}

function numbersOf(text: (column: string) => string): RowNumbers | string {
  const problems: string[] = [];
  const parse = (column: string, pattern: RegExp, what: string): number => {
    const value = text(column);
    if (!pattern.test(value)) problems.push(`"${column}" is no ${what}: ${JSON.stringify(value)}`);
    return Number(value);
  };
  const count = (column: string): number => parse(column, /^[1-9]\d*$/, "positive whole number");
  const power = (column: string): number => parse(column, /^(?=.*[1-9])\d+(?:\.\d+)?$/, "positive number");
  const numbers = {
    row: parse("", /^\d+$/, "number of a row"),
    fullWatts: power("avg. watts @ 100%"),
    idleWatts: power("avg. watts @ active idle"),
    cores: count("# Cores"),
    chips: count("Chips"),
    threadsPerCore: count("# Threads Per Core"),
    threads: count("Total Threads"),
  };
  return problems.length === 0 ? numbers : problems.join("; ");
}

function contradictionOf({
  fullWatts,
  idleWatts,
  cores,
  threadsPerCore,
  threads,
}: RowNumbers): string | undefined {
  if (cores * threadsPerCore !== threads) {
    return `${cores} cores with ${threadsPerCore} threads each are not ${threads} threads`;
  }
  if (idleWatts >= fullWatts) return `${idleWatts} W at idle is not below ${fullWatts} W at full load`;
  return undefined;
}

function refusal(problems: readonly string[]): FrugalError {
  const shown = problems.slice(0, MOST_PROBLEMS_SHOWN).map((problem) => `  ${problem}`);
  if (problems.length > shown.length) shown.push(`  and ${problems.length - shown.length} more`);
  return new FrugalError(
    "invalid-request",
    `This is not a usable table of SPECpower results:\n${shown.join("\n")}\n` +
      "Use SPECpower-*.csv of github.com/cloud-carbon-footprint/ccf-coefficients as it is there",
    { details: { problems } },
  );
}
