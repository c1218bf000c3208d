/**
 * Content of `data/reference-clocks.json`: the clocks, the power and the kinds of work of the reference server, with where each
 * figure comes from.
 */
import { FrugalError, messageOf } from "@frugal/core";
import type { ClockPower } from "./clock-power.ts";
import type { TimeShares } from "./time-shares.ts";

/** Where `deriveReferenceClocks` writes, from the project's root. */
export const referenceClocksFile = "data/reference-clocks.json";

/** Clocks from `lowest` to `highest` in equal steps. */
export interface ClockRange {
  readonly lowestHertz: number;
  readonly highestHertz: number;
  readonly stepHertz: number;
}

/** Work of one kind, by the function that it was measured on. */
export interface WorkClass {
  readonly name: string;
  readonly example: string;
  readonly shares: TimeShares;
}

/** A published figure beside what the model says. */
export interface PublishedFigure {
  readonly what: string;
  readonly published: number;
  readonly model: number;
}

export interface ReferenceClocks {
  readonly title: string;
  readonly source: string;
  readonly sourceSha256: string;
  readonly licence: string;
  readonly attribution: string;
  readonly command: string;
  readonly rule: string;
  /** What no data says, in words. */
  readonly assumptions: readonly string[];
  readonly published: readonly PublishedFigure[];
  /** Measured cores that contradict themselves and were not used. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
  /** What the shape of the core's power was fitted to, and how far off it is. */
  readonly fit: {
    readonly clusters: readonly string[];
    readonly rows: number;
    /** Root of the mean squared error, relative to the power at the highest clock. */
    readonly error: number;
  };
  readonly sockets: number;
  readonly coresPerSocket: number;
  readonly coreClocks: ClockRange;
  readonly uncoreClocks: ClockRange;
  /** Of a socket with all cores asleep, its uncore apart. */
  readonly staticWattsPerSocket: number;
  /** Of one busy core. */
  readonly core: ClockPower;
  /** Of one socket's uncore, busy or not. */
  readonly uncore: ClockPower;
  readonly classes: readonly WorkClass[];
  /** Of work that nothing is known of: the classes' mean. */
  readonly defaultShares: TimeShares;
}

/** The figures in `text`; `invalid-request` where it does not hold them all. */
export function parseReferenceClocks(text: string): ReferenceClocks {
  let problem: string;
  try {
    const value: unknown = JSON.parse(text);
    if (isReferenceClocks(value)) return value;
    problem = "it lacks fields, or some are out of range";
  } catch (error) {
    problem = messageOf(error);
  }
  throw new FrugalError(
    "invalid-request",
    `Cannot use this as ${referenceClocksFile}: ${problem}\n` +
      "Restore the file, or write it again: frugal derive reference-clocks --from freq_power.csv",
  );
}

type Fields = ReadonlyMap<string, unknown>;
type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isPositive: Check = (value) => typeof value === "number" && value > 0 && Number.isFinite(value);
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
const isShare: Check = (value) => typeof value === "number" && value >= 0 && value <= 1;
const isAmount: Check = (value) => typeof value === "number" && value >= 0 && Number.isFinite(value);
const isListOf =
  (isItem: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.every(isItem);
const isObject =
  (checks: Readonly<Record<string, Check>>, isWhole: (fields: Fields) => boolean = () => true): Check =>
  (value) => {
    if (typeof value !== "object" || value === null) return false;
    const fields = new Map<string, unknown>(Object.entries(value));
    return Object.entries(checks).every(([name, check]) => check(fields.get(name))) && isWhole(fields);
  };

const numberIn = (fields: Fields, name: string): number => Number(fields.get(name));

const isRange = isObject(
  { lowestHertz: isPositive, highestHertz: isPositive, stepHertz: isPositive },
  (fields) => numberIn(fields, "lowestHertz") <= numberIn(fields, "highestHertz"),
);
const isPower = isObject({ constantWatts: isAmount, dynamicWatts: isAmount, voltageFloor: isShare });
const isShares = isObject({ core: isShare, uncore: isShare, memory: isShare }, (fields) => {
  const sum = numberIn(fields, "core") + numberIn(fields, "uncore") + numberIn(fields, "memory");
  return Math.abs(sum - 1) < 1e-3;
});

const checkDocument = isObject({
  title: isText,
  source: isText,
  sourceSha256: isText,
  licence: isText,
  attribution: isText,
  command: isText,
  rule: isText,
  assumptions: isListOf(isText),
  published: isListOf(isObject({ what: isText, published: isNumber, model: isNumber })),
  fit: isObject({ clusters: isListOf(isText), rows: isPositive, error: isAmount }),
  sockets: isPositive,
  coresPerSocket: isPositive,
  coreClocks: isRange,
  uncoreClocks: isRange,
  staticWattsPerSocket: isAmount,
  core: isPower,
  uncore: isPower,
  classes: isListOf(isObject({ name: isText, example: isText, shares: isShares })),
  defaultShares: isShares,
});
const isReferenceClocks = (value: unknown): value is ReferenceClocks => checkDocument(value);
