/**
 * CSV: parse a file of orders and calculate on its columns.
 *
 * The file has what makes CSV hard: quoted commas, doubled quotes and line breaks inside fields. The check calculates from the
 * rows that the file was written from and parses nothing; sums of floats may differ by rounding.
 */
import type { BenchmarkFunction } from "../benchmark-function.ts";
import { firstDifference } from "../first-difference.ts";
import { numberStream } from "../number-stream.ts";

interface CsvPayload {
  readonly csv: string;
}

interface Row {
  readonly id: number;
  readonly date: string;
  readonly region: string;
  readonly product: string;
  readonly quantity: number;
  readonly price: string;
  readonly comment: string;
}

const rowCounts = { test: 400, small: 8_000, large: 56_000 } as const;

export const csv: BenchmarkFunction = {
  name: "csv",
  summary: "Parses a CSV file of orders and calculates on its columns",
  origins: [{ paper: "arm64-prediction", suite: "original", name: "csv" }],
  runtimes: {
    nodejs: { handler: "handler.handler", folder: "csv" },
    python3: { handler: "handler.handler", folder: "csv/python" },
  },
  memoryMebibytes: 512,
  timeoutSeconds: 60,
  payload: (size): CsvPayload => ({ csv: csvText(rowsOf(rowCounts[size])) }),
  check: (size, _payload, output) => firstDifference(summaryOf(rowsOf(rowCounts[size])), output),
};

const regions = ["Köln", "Paris, Nord", 'The "North"', "Oslo", "Porto"] as const;
const products = ["bolt", "nut, M8", "plate", 'pipe 2"', "valve"] as const;
const comments = ["", "", "", "urgent", "call first, then ship", "line one\nline two", 'said "no"'] as const;

function rowsOf(count: number): readonly Row[] {
  const { below } = numberStream(17);
  return Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    date: `2024-${digits(below(12) + 1)}-${digits(below(28) + 1)}`,
    region: regions[below(regions.length)] ?? "",
    product: products[below(products.length)] ?? "",
    quantity: below(90) + 1,
    price: `${below(500)}.${digits(below(100))}`,
    comment: `${comments[below(comments.length)] ?? ""}${below(4) === 0 ? ` ref ${below(1000)}` : ""}`,
  }));
}

const digits = (value: number): string => String(value).padStart(2, "0");

function csvText(rows: readonly Row[]): string {
  const lines = rows.map((row) => Object.values(row).map(quoted).join(","));
  return ["id,date,region,product,quantity,price,comment", ...lines, ""].join("\r\n");
}

const quoted = (value: string | number): string =>
  /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);

function summaryOf(rows: readonly Row[]): object {
  const prices = rows.map((row) => Number(row.price)).toSorted((a, b) => a - b);
  return {
    rows: rows.length,
    regions: regions.toSorted().map((region) => {
      const own = rows.filter((row) => row.region === region);
      return {
        region,
        orders: own.length,
        quantity: own.reduce((sum, row) => sum + row.quantity, 0),
        revenue: own.reduce((sum, row) => sum + row.quantity * Number(row.price), 0),
        highestPrice: Math.max(...own.map((row) => Number(row.price))),
      };
    }),
    medianPrice: prices[Math.floor(prices.length / 2)],
    longestComment: Math.max(...rows.map((row) => row.comment.length)),
  };
}
