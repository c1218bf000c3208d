/**
 * Durations of the DSL: ISO 8601 text like `PT1M30S`, or an object with days to milliseconds.
 */
import { type Seconds, seconds } from "@frugal/core";
import type { Json } from "../json.ts";
import { isObject } from "./json-value.ts";

const day = 86_400;
const inlineUnits: Readonly<Record<string, number>> = {
  days: day,
  hours: 3600,
  minutes: 60,
  seconds: 1,
  milliseconds: 1e-3,
};

/** Years, months, weeks, days, hours, minutes, seconds; a year counts 365 days and a month 30. */
const isoUnits = [365 * day, 30 * day, 7 * day, day, 3600, 60, 1] as const;
const amount = String.raw`(\d+(?:[.,]\d+)?)`;
const isoPattern = new RegExp(
  `^P(?=\\d|T\\d)(?:${amount}Y)?(?:${amount}M)?(?:${amount}W)?(?:${amount}D)?` +
    `(?:T(?=\\d)(?:${amount}H)?(?:${amount}M)?(?:${amount}S)?)?$`,
);

/** `value` as a duration; undefined where it is none. */
export function parseDuration(value: Json): Seconds | undefined {
  const duration =
    typeof value === "string"
      ? parseIsoDuration(value.trim())
      : isObject(value)
        ? parseInlineDuration(Object.entries(value))
        : undefined;
  return Number.isFinite(duration) ? duration : undefined;
}

function parseIsoDuration(text: string): Seconds | undefined {
  const amounts = isoPattern.exec(text)?.slice(1);
  if (amounts === undefined) return undefined;
  let sum = 0;
  for (const [i, unit] of isoUnits.entries()) sum += unit * Number(amounts[i]?.replace(",", ".") ?? 0);
  return seconds(sum);
}

function parseInlineDuration(parts: readonly (readonly [string, Json])[]): Seconds | undefined {
  let sum = 0;
  for (const [name, count] of parts) {
    const unit = Object.hasOwn(inlineUnits, name) ? inlineUnits[name] : undefined;
    if (unit === undefined || typeof count !== "number" || !(count >= 0)) return undefined;
    sum += unit * count;
  }
  return seconds(sum);
}
