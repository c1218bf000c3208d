/**
 * What a workflow's metadata asks of the platform. Other keys are its owner's and mean nothing here.
 */
import type { BudgetMethodName } from "@frugal/control";
import { ratio, type Seconds, seconds } from "@frugal/core";
import { z } from "zod";
import type { WorkflowSettings } from "./workflow.ts";

const budgetNames = ["fit", "least-energy"] as const satisfies readonly BudgetMethodName[];
const DEFAULT_QUANTILE = 0.95;

const durationPattern = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** An ISO 8601 duration of days and less in seconds; undefined for any other text. */
function durationOf(text: string): Seconds | undefined {
  const match = durationPattern.exec(text);
  if (match === null || /[PT]$/.test(text)) return undefined;
  const [days = 0, hours = 0, minutes = 0, rest = 0] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  return seconds(((days * 24 + hours) * 60 + minutes) * 60 + rest);
}

const deadline = z
  .union([z.number(), z.string().transform((text) => durationOf(text) ?? NaN)], {
    error: "must be seconds as a number, or an ISO 8601 duration like PT2S",
  })
  .refine((value) => value > 0 && Number.isFinite(value), {
    error: "must be above 0: seconds as a number, or an ISO 8601 duration like PT2S",
  });

const metadataSchema = z.looseObject({
  deadline: deadline.optional(),
  quantile: z
    .number()
    .min(0.5, { error: "must be from 0.5 to 0.999" })
    .max(0.999, { error: "must be from 0.5 to 0.999" })
    .default(DEFAULT_QUANTILE),
  durable: z.boolean({ error: "must be true or false" }).default(true),
  budgets: z.enum(budgetNames, { error: `must be one of ${budgetNames.join(", ")}` }).optional(),
});

/** The settings in `metadata`, or every problem, each with its place. */
export function settingsOf(
  metadata: unknown,
):
  | { readonly settings: WorkflowSettings; readonly problems?: undefined }
  | { readonly settings?: undefined; readonly problems: readonly string[] } {
  const outcome = metadataSchema.safeParse(metadata ?? {});
  if (!outcome.success)
    return {
      problems: outcome.error.issues.map(
        ({ path, message }) => `/document/metadata/${path.map(String).join("/")}: ${message}`,
      ),
    };
  const { deadline: limit, quantile, durable, budgets } = outcome.data;
  return {
    settings: {
      deadline: limit === undefined ? undefined : { deadline: seconds(limit), quantile: ratio(quantile) },
      isDurable: durable,
      budgets,
    },
  };
}
