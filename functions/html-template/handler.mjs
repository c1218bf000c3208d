/**
 * Renders a report, one table of numbers, with a layout, a macro and escaping.
 */
import { join } from "node:path";
import nunjucks from "nunjucks";

const NAMES = ["Ada & Co", "Łukasz <3", "O'Neill", 'The "Old" Mill', "Zoë", "plain"];

const folder = join(import.meta.dirname, "templates");
const templates = new nunjucks.Environment(new nunjucks.FileSystemLoader(folder), { autoescape: true });
const report = templates.getTemplate("report.njk", true);

/** @param {{ title: string, user: { name: string, admin: boolean }, rows: number, columns: number, seed: number }} event */
export const handler = async ({ title, user, rows, columns, seed }) => {
  const below = numbers(seed);
  const html = report.render({
    title,
    user,
    columns: Array.from({ length: columns }, (_, column) => `Column ${column + 1}`),
    rows: Array.from({ length: rows }, () => ({
      name: NAMES[below(NAMES.length)],
      values: Array.from({ length: columns }, () => below(2000) - 500),
    })),
  });
  return { bytes: Buffer.byteLength(html), html };
};

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
