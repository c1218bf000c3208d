/**
 * SQLite: insert, index, random queries and an aggregate, all in memory.
 *
 * The check gets the same figures from plain arrays. All of them are integers, so both languages must agree exactly.
 */
import type { BenchmarkFunction } from "../benchmark-function.ts";
import { firstDifference } from "../first-difference.ts";
import { numberStream } from "../number-stream.ts";

interface SqlitePayload {
  readonly rows: number;
  readonly queries: number;
  readonly seed: number;
}

const work = {
  test: { rows: 1_000, queries: 200 },
  small: { rows: 12_000, queries: 1_000 },
  large: { rows: 100_000, queries: 6_000 },
} as const;

export const sqlite: BenchmarkFunction = {
  name: "sqlite",
  summary: "Fills an in-memory SQLite database, indexes it, runs random queries and an aggregate",
  origins: [{ paper: "arm64-prediction", suite: "original", name: "sqlite" }],
  runtimes: {
    nodejs: { handler: "handler.handler", folder: "sqlite" },
    python3: { handler: "handler.handler", folder: "sqlite/python" },
  },
  memoryMebibytes: 512,
  timeoutSeconds: 60,
  payload: (size): SqlitePayload => ({ ...work[size], seed: 19 }),
  check: (_size, payload: SqlitePayload, output) => firstDifference(answerTo(payload), output),
};

interface Order {
  readonly quantity: number;
  readonly cents: number;
}

const customers = 500;
const products = 40;
const best = 10;

function answerTo({ rows, queries, seed }: SqlitePayload): object {
  const { below } = numberStream(seed);
  const byCustomer: Order[][] = Array.from({ length: customers }, () => []);
  const byProduct = Array.from({ length: products }, (_, product) => ({
    product: `product-${product}`,
    orders: 0,
    cents: 0,
  }));
  for (let row = 0; row < rows; row++) {
    const customer = byCustomer[below(customers)];
    const product = byProduct[below(products)];
    const order = { quantity: below(20) + 1, cents: below(100_000) };
    customer?.push(order);
    if (product !== undefined) {
      product.orders += 1;
      product.cents += order.quantity * order.cents;
    }
  }
  let selected = 0;
  let cents = 0;
  for (let query = 0; query < queries; query++) {
    const orders = byCustomer[below(customers)] ?? [];
    const least = below(20) + 1;
    for (const order of orders.filter(({ quantity }) => quantity >= least)) {
      selected += 1;
      cents += order.quantity * order.cents;
    }
  }
  const ranked = byProduct
    .filter(({ orders }) => orders > 0)
    .toSorted((a, b) => b.cents - a.cents || (a.product < b.product ? -1 : 1));
  return { rows, queries, selected, cents, products: ranked.slice(0, best) };
}
