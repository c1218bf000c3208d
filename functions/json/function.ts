/**
 * JSON: parse, transform and dump a document of orders.
 *
 * The written document is judged by its SHA-256, stored here and got alike from the Node and the Python implementation, and
 * the totals by a calculation that parses nothing. The inputs avoid what the languages print differently: every float has a
 * fraction (Python would write `5.0` where JavaScript writes `5`), and none needs an exponent.
 */
import type { BenchmarkFunction } from "../benchmark-function.ts";
import { firstDifference } from "../first-difference.ts";
import { numberStream } from "../number-stream.ts";

interface JsonPayload {
  readonly records: number;
  readonly rounds: number;
  readonly seed: number;
}

const work = {
  test: { records: 200, rounds: 3 },
  small: { records: 4_000, rounds: 3 },
  large: { records: 20_000, rounds: 6 },
} as const;

const dumped = {
  test: { bytes: 24_648, sha256: "85e192c427fc8c12bffede6202f695880e7b26e717962104c8942069a4c6977e" },
  small: { bytes: 492_625, sha256: "9054cc0b73f80b4cc1098583a5eec38d20366be602b3bb6ed7f9c6a40af70674" },
  large: { bytes: 2_475_833, sha256: "40ff7bad77926cd53354b6e23373730dfcd206a2283b0bf988316554a910f00b" },
} as const;

export const json: BenchmarkFunction = {
  name: "json",
  summary: "Parses a JSON document of orders, sums and flattens them, writes the result as JSON",
  origins: [{ paper: "arm64-prediction", suite: "FunctionBench", name: "json_dumps" }],
  runtimes: {
    nodejs: { handler: "handler.handler", folder: "json" },
    python3: { handler: "handler.handler", folder: "json/python" },
  },
  memoryMebibytes: 512,
  timeoutSeconds: 60,
  payload: (size): JsonPayload => ({ ...work[size], seed: 13 }),
  check: (size, payload: JsonPayload, output) =>
    firstDifference(
      {
        records: payload.records,
        rounds: payload.rounds,
        categories: totalsOf(payload),
        ...dumped[size],
      },
      output,
    ),
};

const categories = ["tools", "books", "garden", "kitchen", "toys"] as const;
const customers = 6;

function totalsOf({ records, seed }: JsonPayload): readonly object[] {
  const { below } = numberStream(seed);
  const orders = categories.map(() => 0);
  const cents = categories.map(() => 0);
  for (let record = 0; record < records; record++) {
    below(customers);
    const category = below(categories.length);
    orders[category] = (orders[category] ?? 0) + 1;
    cents[category] = (cents[category] ?? 0) + below(1000) * 100 + below(90) + 10;
    for (const limit of [50, 50, 90, 900, 180, 900, 500]) below(limit);
  }
  return categories
    .map((category, index) => ({ category, orders: orders[index], cents: cents[index] }))
    .toSorted((a, b) => (a.category < b.category ? -1 : 1));
}
