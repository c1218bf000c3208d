/**
 * Moments of the calendar, without a clock: seconds since 1970 to and from ISO 8601 in UTC.
 * Days are counted as in H. Hinnant, "chrono-compatible low-level date algorithms": years begin in March, eras have 400.
 */
import { type Seconds, seconds } from "@frugal/core";
import type { JsonObject } from "./json-value.ts";

const day = 86_400;
const daysOfEra = 146_097;
/** From 0000-03-01 to 1970-01-01. */
const daysToEpoch = 719_468;

const pattern =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?(?:[Zz]|([+-])(\d{2}):?(\d{2}))?$/;

/** Seconds since 1970 of an ISO 8601 date and time (UTC where it names no zone); undefined where `text` is none. */
export function parseDateTime(text: string): Seconds | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, date = 0, hour = 0, minute = 0] = match.slice(1, 6).map(Number);
  const offset = (Number(match[8] ?? 0) * 60 + Number(match[9] ?? 0)) * (match[7] === "-" ? -60 : 60);
  if (month < 1 || month > 12 || date < 1 || date > 31) return undefined;
  return seconds(dayOf(year, month, date) * day + hour * 3600 + minute * 60 + Number(match[6] ?? 0) - offset);
}

/** In UTC, to the millisecond. */
export function formatDateTime(epoch: Seconds): string {
  const milliseconds = Math.round(epoch * 1e3);
  const days = Math.floor(milliseconds / 1e3 / day);
  const ofDay = milliseconds - days * day * 1e3;
  const [year, month, date] = dateOf(days);
  const time = [ofDay / 3_600_000, (ofDay / 60_000) % 60, (ofDay / 1e3) % 60].map((part) => digits(part, 2));
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(date, 2)}T${time.join(":")}.${digits(ofDay % 1e3, 3)}Z`;
}

/** The DSL's descriptor of a moment, as runtime expressions see it. */
export const dateTimeDescriptor = (epoch: Seconds): JsonObject => ({
  iso8601: formatDateTime(epoch),
  epoch: { seconds: Math.floor(epoch), milliseconds: Math.floor(epoch * 1e3) },
});

const digits = (value: number, width: number): string => String(Math.floor(value)).padStart(width, "0");

/** Days since 1970-01-01. */
function dayOf(year: number, month: number, date: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + date - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * daysOfEra + dayOfEra - daysToEpoch;
}

function dateOf(days: number): readonly [year: number, month: number, date: number] {
  const shifted = days + daysToEpoch;
  const era = Math.floor(shifted / daysOfEra);
  const dayOfEra = shifted - era * daysOfEra;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const date = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, date];
}
