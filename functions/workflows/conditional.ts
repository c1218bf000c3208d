/**
 * Conditional: a stage that only some runs need. The first input takes the way through it, the second one the short way.
 */
import { json } from "../json/function.ts";
import { objectOf } from "../first-difference.ts";
import type { BenchmarkWorkflow } from "./benchmark-workflow.ts";
import { answerOf, equalTo, numberIn, wrongPart } from "./parts.ts";

const always = 0;
const never = Number.MAX_SAFE_INTEGER;

export const conditional: BenchmarkWorkflow = {
  name: "conditional",
  summary: "Sums orders, reviews them if any category is above a limit, and confirms them",
  file: "conditional.yaml",
  functions: ["json", "sqlite", "jwt"],
  inputs: () => [
    { orders: json.payload("test"), limit: always },
    { orders: json.payload("test"), limit: never },
  ],
  check(input, output) {
    const { orders, limit } = objectOf(input) ?? {};
    const isReviewed = limit === always;
    return wrongPart(output, {
      summary: answerOf("json", () => objectOf(orders) ?? {}),
      review: isReviewed
        ? answerOf("sqlite", (parts) => ({
            rows: 1000,
            queries: 200,
            seed: numberIn(parts, "summary", "bytes"),
          }))
        : equalTo(() => "none"),
      confirmation: answerOf("jwt", (parts) => ({
        tokens: 3,
        issuer: "https://frugal.example",
        subject: `orders ${isReviewed ? "reviewed" : "accepted"}: ${numberIn(parts, "summary", "records")}`,
        issuedAt: 1_700_000_000,
      })),
    });
  },
};
