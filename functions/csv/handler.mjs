/**
 * Parses a CSV file of orders and calculates on its columns: totals by region, the median price and the longest comment.
 */
import Papa from "papaparse";

/** @typedef {{ region: string, orders: number, quantity: number, revenue: number, highestPrice: number }} Region */

/** @param {{ csv: string }} event */
export const handler = async ({ csv }) => {
  /** @type {import("papaparse").ParseResult<Record<string, string>>} */
  const { data, errors } = Papa.parse(csv, { header: true, skipEmptyLines: true });
  if (errors[0] !== undefined) throw new Error(`row ${errors[0].row}: ${errors[0].message}`);

  /** @type {Map<string, Region>} */
  const regions = new Map();
  /** @type {number[]} */
  const prices = [];
  let longestComment = 0;
  for (const row of data) {
    const name = row["region"] ?? "";
    const price = Number(row["price"]);
    const quantity = Number(row["quantity"]);
    const region = regions.get(name) ?? { region: name, orders: 0, quantity: 0, revenue: 0, highestPrice: 0 };
    region.orders += 1;
    region.quantity += quantity;
    region.revenue += quantity * price;
    region.highestPrice = Math.max(region.highestPrice, price);
    regions.set(name, region);
    prices.push(price);
    longestComment = Math.max(longestComment, row["comment"]?.length ?? 0);
  }
  prices.sort((a, b) => a - b);
  return {
    rows: data.length,
    regions: [...regions.values()].sort((a, b) => (a.region < b.region ? -1 : 1)),
    medianPrice: prices[Math.floor(prices.length / 2)],
    longestComment,
  };
};
