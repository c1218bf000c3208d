/**
 * Chain: every stage gets what the one before it made.
 */
import { json } from "../json/function.ts";
import { objectOf } from "../first-difference.ts";
import type { BenchmarkWorkflow } from "./benchmark-workflow.ts";
import { answerOf, equalTo, numberIn, wrongPart } from "./parts.ts";
import { tableOfTotals } from "./table-of-totals.ts";

export const chain: BenchmarkWorkflow = {
  name: "chain",
  summary: "Sums orders, tabulates, renders and archives them, and signs for the archive",
  file: "chain.yaml",
  functions: ["json", "csv", "html-template", "compression", "jwt"],
  inputs: () => [json.payload("test")],
  check: (input, output) =>
    wrongPart(output, {
      summary: answerOf("json", () => input),
      table: equalTo(({ summary }) => tableOfTotals(summary)),
      page: answerOf("html-template", (parts) => ({
        title: `Orders in ${numberIn(parts, "table", "rows")} categories`,
        user: { name: firstCategory(parts["summary"]), admin: false },
        rows: numberIn(parts, "table", "rows"),
        columns: 4,
        seed: numberIn(parts, "table", "medianPrice") % 1000,
      })),
      archive: answerOf("compression", (parts) => ({
        files: 2,
        bytesPerFile: 24_000 + numberIn(parts, "page", "bytes"),
        seed: 7,
      })),
      receipt: answerOf("jwt", (parts) => ({
        tokens: 2,
        issuer: "https://frugal.example",
        subject: `archive of ${numberIn(parts, "archive", "originalBytes")} bytes`,
        issuedAt: 1_700_000_000,
      })),
    }),
};

function firstCategory(summary: unknown): string {
  const categories = objectOf(summary)?.["categories"];
  const [first] = Array.isArray(categories) ? (categories as unknown[]) : [];
  return String(objectOf(first)?.["category"]);
}
