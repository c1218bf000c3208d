/**
 * What the function csv answers to a table of totals, one row for each category: calculated without a table.
 */
import { objectOf } from "../first-difference.ts";

export function tableOfTotals(summary: unknown): object {
  const categories = objectOf(summary)?.["categories"];
  const totals = (Array.isArray(categories) ? (categories as unknown[]) : []).map((category) => {
    const { category: region, orders, cents } = objectOf(category) ?? {};
    return { region: String(region), orders: Number(orders), cents: Number(cents) };
  });
  const prices = totals.map(({ cents }) => cents).toSorted((a, b) => a - b);
  return {
    rows: totals.length,
    regions: totals.map(({ region, orders, cents }) => ({
      region,
      orders: 1,
      quantity: orders,
      revenue: orders * cents,
      highestPrice: cents,
    })),
    medianPrice: prices[Math.floor(prices.length / 2)],
    longestComment: 0,
  };
}
