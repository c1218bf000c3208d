/**
 * Parses a JSON document of orders, sums them by category, flattens them and writes the result as JSON.
 */
import { createHash } from "node:crypto";

const CATEGORIES = ["tools", "books", "garden", "kitchen", "toys"];
const CUSTOMERS = ["Zoë", "Łukasz", "Ada", "Ω-Works", "日本", 'O\\"Neill'];

/** @typedef {{ id: number, customer: string, category: string, price: number, tags: string[], address: { city: string, position: number[] } }} Order */

/** @param {{ records: number, rounds: number, seed: number }} event */
export const handler = async ({ records, rounds, seed }) => {
  const document = documentText(numbers(seed), records);
  let dumped = "";
  /** @type {{ category: string, orders: number, cents: number }[]} */
  let categories = [];
  for (let round = 0; round < rounds; round++) {
    /** @type {{ orders: Order[] }} */
    const { orders } = JSON.parse(document);
    categories = totals(orders);
    dumped = JSON.stringify({ categories, orders: orders.map(flattened).sort(byCentsThenId) });
  }
  return {
    records,
    rounds,
    categories,
    bytes: Buffer.byteLength(dumped),
    sha256: createHash("sha256").update(dumped).digest("hex"),
  };
};

/** @param {Order} order */
const centsOf = (order) => Math.floor(order.price * 100 + 0.5);

/** @param {Order} order */
const flattened = (order) => ({
  id: order.id,
  customer: order.customer.toUpperCase(),
  cents: centsOf(order),
  tags: order.tags.sort().join(" "),
  city: order.address.city,
  latitude: order.address.position[0],
  longitude: order.address.position[1],
});

/**
 * @param {{ cents: number, id: number }} a
 * @param {{ cents: number, id: number }} b
 */
const byCentsThenId = (a, b) => b.cents - a.cents || a.id - b.id;

/** @param {Order[]} orders */
function totals(orders) {
  /** @type {Map<string, { category: string, orders: number, cents: number }>} */
  const byCategory = new Map();
  for (const order of orders) {
    const total = byCategory.get(order.category) ?? { category: order.category, orders: 0, cents: 0 };
    total.orders += 1;
    total.cents += centsOf(order);
    byCategory.set(order.category, total);
  }
  return [...byCategory.values()].sort((a, b) => (a.category < b.category ? -1 : 1));
}

/**
 * @param {(limit: number) => number} below
 * @param {number} records
 */
function documentText(below, records) {
  const orders = [];
  for (let id = 1; id <= records; id++) {
    const customer = CUSTOMERS[below(CUSTOMERS.length)];
    const category = CATEGORIES[below(CATEGORIES.length)];
    const price = `${below(1000)}.${below(90) + 10}`;
    const tags = `["t${below(50)}", "t${below(50)}", "sale"]`;
    const position = `[${below(90)}.${below(900) + 100}, -${below(180)}.${below(900) + 100}]`;
    orders.push(
      `{"id": ${id}, "customer": "${customer}", "category": "${category}", "price": ${price}, "tags": ${tags}, ` +
        `"address": {"city": "City ${below(500)}", "position": ${position}}}`,
    );
  }
  return `{"orders": [${orders.join(",\n")}]}`;
}

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
