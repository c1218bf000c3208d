/**
 * Fills an in-memory database with orders, indexes it, runs random queries by customer and one aggregate over all.
 */
import { DatabaseSync } from "node:sqlite";

const CUSTOMERS = 500;
const PRODUCTS = 40;

/** @param {{ rows: number, queries: number, seed: number }} event */
export const handler = async ({ rows, queries, seed }) => {
  const below = numbers(seed);
  const database = new DatabaseSync(":memory:");
  try {
    fill(database, below, rows);
    return { rows, queries, ...selections(database, below, queries), products: bestProducts(database) };
  } finally {
    database.close();
  }
};

/**
 * @param {DatabaseSync} database
 * @param {(limit: number) => number} below
 * @param {number} rows
 */
function fill(database, below, rows) {
  database.exec(
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, product TEXT, quantity INTEGER, cents INTEGER)",
  );
  const insert = database.prepare("INSERT INTO orders VALUES (?, ?, ?, ?, ?)");
  database.exec("BEGIN");
  for (let id = 1; id <= rows; id++) {
    insert.run(id, below(CUSTOMERS), `product-${below(PRODUCTS)}`, below(20) + 1, below(100_000));
  }
  database.exec("COMMIT; CREATE INDEX by_customer ON orders (customer)");
}

/**
 * @param {DatabaseSync} database
 * @param {(limit: number) => number} below
 * @param {number} queries
 */
function selections(database, below, queries) {
  const select = database.prepare("SELECT quantity, cents FROM orders WHERE customer = ? AND quantity >= ?");
  let selected = 0;
  let cents = 0;
  for (let query = 0; query < queries; query++) {
    for (const order of select.all(below(CUSTOMERS), below(20) + 1)) {
      selected += 1;
      cents += Number(order["quantity"]) * Number(order["cents"]);
    }
  }
  return { selected, cents };
}

/** @param {DatabaseSync} database */
const bestProducts = (database) =>
  database
    .prepare(
      "SELECT product, COUNT(*) AS orders, SUM(quantity * cents) AS cents FROM orders " +
        "GROUP BY product ORDER BY cents DESC, product LIMIT 10",
    )
    .all();

/**
 * @param {number} seed
 * @returns {(limit: number) => number}
 */
function numbers(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
