/**
 * Flags and arguments of commands as data: what the command line gave becomes a typed value, or one clear error.
 */
import { FrugalError } from "@frugal/core";
import { suggestion } from "./nearest.ts";

/** What commander found for one flag or argument. */
export type Given = undefined | boolean | string | readonly string[];

/** One flag or argument. `off` is a flag whose presence means no (`--no-auth`); `list` may be given many times. */
export interface Flag<Value> {
  readonly kind: "toggle" | "off" | "value" | "list";
  readonly placeholder: string;
  readonly description: string;
  /** The default as help shows it. */
  readonly shownDefault?: string;
  /** `shown` is the flag as the user writes it, for messages. Throws `invalid-request`. */
  read(given: Given, shown: string): Value;
}

export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** The values that a command receives for its flags. */
export type ValuesOf<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends Flag<infer Value> ? Value : never;
};

/** Off unless given. */
export const toggle = (description: string): Flag<boolean> => ({
  kind: "toggle",
  placeholder: "",
  description,
  read: (given) => given === true,
});

/** `--no-NAME`: on unless given. */
export const unless = (description: string): Flag<boolean> => ({
  kind: "off",
  placeholder: "",
  description,
  read: (given) => given !== false,
});

export const text = (placeholder: string, description: string): Flag<string | undefined> => ({
  kind: "value",
  placeholder,
  description,
  read: (given) => (typeof given === "string" ? given : undefined),
});

/** May be given several times. */
export const list = (placeholder: string, description: string): Flag<readonly string[]> => ({
  kind: "list",
  placeholder,
  description,
  read: (given) => (typeof given === "object" ? given : []),
});

export interface NumberRange {
  readonly minimum: number;
  readonly maximum: number;
  /** Refuses fractions. */
  readonly whole?: boolean;
}

export const amount = (
  placeholder: string,
  description: string,
  range: NumberRange,
): Flag<number | undefined> => ({
  kind: "value",
  placeholder,
  description,
  read: (given, shown) => {
    if (typeof given !== "string") return undefined;
    const value = given.trim() === "" ? NaN : Number(given);
    const fits = value >= range.minimum && value <= range.maximum;
    if (fits && (range.whole !== true || Number.isInteger(value))) return value;
    const kind = range.whole === true ? "a whole number" : "a number";
    throw new FrugalError(
      "invalid-request",
      `${shown}: ${JSON.stringify(given)} is not ${kind} from ${range.minimum} to ${range.maximum}`,
      { details: { flag: shown, given, ...range } },
    );
  },
});

/** One of `choices`. */
export const choice = <const C extends string>(
  placeholder: string,
  description: string,
  choices: readonly C[],
): Flag<C | undefined> => ({
  kind: "value",
  placeholder,
  description: `${description}: ${choices.join(", ")}`,
  read: (given, shown) => {
    if (typeof given !== "string") return undefined;
    const chosen = choices.find((one) => one === given);
    if (chosen !== undefined) return chosen;
    throw new FrugalError(
      "invalid-request",
      `${shown}: ${JSON.stringify(given)} is not one of ${choices.join(", ")}${suggestion(given, choices)}`,
      { details: { flag: shown, given, choices } },
    );
  },
});

/** `flag`, with `value` where it is not given. */
export const withDefault = <Value extends string | number>(
  flag: Flag<Value | undefined>,
  value: Value,
): Flag<Value> => ({
  ...flag,
  shownDefault: String(value),
  read: (given, shown) => flag.read(given, shown) ?? value,
});

/** An argument or flag that must be given; commander has seen to it for arguments. */
export const required = <Value>(flag: Flag<Value | undefined>): Flag<Value> => ({
  ...flag,
  read: (given, shown) => {
    const value = flag.read(given, shown);
    if (value === undefined) throw new FrugalError("invalid-request", `${shown} is missing`);
    return value;
  },
});
