/**
 * HTML template: a page with one table, rendered by a template engine.
 *
 * The check writes the same page by hand, cell by cell, so a fault in the templates, the engine or the escaping shows.
 */
import type { BenchmarkFunction } from "../benchmark-function.ts";
import { firstDifference } from "../first-difference.ts";
import { numberStream } from "../number-stream.ts";

interface HtmlPayload {
  readonly title: string;
  readonly user: { readonly name: string; readonly admin: boolean };
  readonly rows: number;
  readonly columns: number;
  readonly seed: number;
}

const tables = {
  test: { rows: 40, columns: 10 },
  small: { rows: 700, columns: 15 },
  large: { rows: 6_000, columns: 25 },
} as const;

export const htmlTemplate: BenchmarkFunction = {
  name: "html-template",
  summary: "Renders a page with one table from templates",
  origins: [
    { paper: "kypous", suite: "SeBS", name: "dynamic-html" },
    { paper: "energy-aware-scheduling", suite: "SeBS", name: "HTML" },
    { paper: "arm64-prediction", suite: "FunctionBench", name: "chameleon" },
  ],
  runtimes: { nodejs: { handler: "handler.handler", folder: "html-template" } },
  memoryMebibytes: 512,
  timeoutSeconds: 60,
  payload: (size): HtmlPayload => ({
    title: "Usage <by> customer",
    user: { name: "Grace & Team", admin: size !== "test" },
    ...tables[size],
    seed: 11,
  }),
  check(_size, payload: HtmlPayload, output) {
    const html = pageOf(payload);
    return firstDifference({ bytes: Buffer.byteLength(html), html }, output);
  },
};

const names = ["Ada & Co", "Łukasz <3", "O'Neill", 'The "Old" Mill', "Zoë", "plain"] as const;

function pageOf({ title, user, rows, columns, seed }: HtmlPayload): string {
  const { below } = numberStream(seed);
  const header = Array.from({ length: columns }, (_, column) => `<th>Column ${column + 1}</th>`).join("");
  const lines = [
    "<!doctype html>",
    '<html lang="en">',
    `<head><meta charset="utf-8"><title>${escaped(title)}</title></head>`,
    "<body>",
    `<p>Signed in as ${escaped(user.name)}${user.admin ? " (administrator)" : ""}</p>`,
    `<h1>${escaped(title.toUpperCase())}</h1>`,
    "<table>",
    `<tr><th>Name</th>${header}<th>Sum</th></tr>`,
  ];
  for (let row = 0; row < rows; row++) {
    const name = escaped(names[below(names.length)] ?? "");
    const values = Array.from({ length: columns }, () => below(2000) - 500);
    const total = values.reduce((sum, value) => sum + value, 0);
    const cells = [...values, total].map(cellOf).join("");
    lines.push(`<tr class="${row % 2 === 0 ? "odd" : "even"}"><td>${row + 1}. ${name}</td>${cells}</tr>`);
  }
  return [...lines, "</table>", "</body>", "</html>", ""].join("\n");
}

const cellOf = (value: number): string => `<td${value < 0 ? ' class="negative"' : ""}>${value}</td>`;

const references: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => references[character] ?? "");
