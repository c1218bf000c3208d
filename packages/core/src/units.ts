/**
 * Quantities as branded numbers, SI inside; the only file that casts numbers to units.
 *
 * Other files convert at the edges with the constructors below (`joulesFromMicrojoules`) and calculate with the helpers
 * (`energyOf`, `plus`, `scaled`), so that a power can never be added to an energy.
 */
declare const unit: unique symbol;

/** A number whose unit the compiler knows. No cost at run time. */
export type Quantity<U extends string> = number & { readonly [unit]: U };

export type Seconds = Quantity<"s">;
export type Hertz = Quantity<"Hz">;
export type Joules = Quantity<"J">;
export type Watts = Quantity<"W">;
export type Bytes = Quantity<"B">;
/** How much there is to do in a payload, by whatever tells: nodes of a graph, rows, or its bytes where nothing better is known. */
export type PayloadSize = Quantity<"B" | "size">;
/** Processor cores; fractions are shares of one core. */
export type Cores = Quantity<"core">;
/** A share of a whole, 0 to 1. */
export type Ratio = Quantity<"1">;

export const seconds = (value: number): Seconds => value as Seconds;
export const milliseconds = (value: number): Seconds => (value / 1e3) as Seconds;
export const microseconds = (value: number): Seconds => (value / 1e6) as Seconds;
export const nanoseconds = (value: number): Seconds => (value / 1e9) as Seconds;
export const minutes = (value: number): Seconds => (value * 60) as Seconds;
export const hours = (value: number): Seconds => (value * 3600) as Seconds;
export const inMilliseconds = (time: Seconds): number => time * 1e3;

export const hertz = (value: number): Hertz => value as Hertz;
export const kilohertz = (value: number): Hertz => (value * 1e3) as Hertz;
export const gigahertz = (value: number): Hertz => (value * 1e9) as Hertz;

export const joules = (value: number): Joules => value as Joules;
export const joulesFromMicrojoules = (value: number): Joules => (value / 1e6) as Joules;
export const watts = (value: number): Watts => value as Watts;
export const wattsFromMicrowatts = (value: number): Watts => (value / 1e6) as Watts;

export const bytes = (value: number): Bytes => value as Bytes;
export const kibibytes = (value: number): Bytes => (value * 1024) as Bytes;
export const mebibytes = (value: number): Bytes => (value * 1024 ** 2) as Bytes;
export const payloadSize = (value: number): PayloadSize => value as PayloadSize;
export const inMebibytes = (size: Bytes): number => size / 1024 ** 2;

export const cores = (value: number): Cores => value as Cores;
export const ratio = (value: number): Ratio => value as Ratio;

/** Energy of a constant power over a time. */
export const energyOf = (power: Watts, time: Seconds): Joules => (power * time) as Joules;
/** Average power of an energy over a time; zero time has no power and is a RangeError. */
export function powerOf(energy: Joules, time: Seconds): Watts {
  if (!(time > 0)) throw new RangeError(`Cannot average an energy over ${time} s: the time must be positive`);
  return (energy / time) as Watts;
}

/** Sum of quantities of one unit. */
export function plus<U extends string>(first: Quantity<U>, ...rest: readonly Quantity<U>[]): Quantity<U> {
  let sum: number = first;
  for (const term of rest) sum += term;
  return sum as Quantity<U>;
}
/** `from` less `amount`, in their common unit. */
export const minus = <U extends string>(from: Quantity<U>, amount: Quantity<U>): Quantity<U> =>
  (from - amount) as Quantity<U>;
/** `quantity` times a plain number. */
export const scaled = <U extends string>(quantity: Quantity<U>, factor: number): Quantity<U> =>
  (quantity * factor) as Quantity<U>;
export const largest = <U extends string>(first: Quantity<U>, ...rest: readonly Quantity<U>[]): Quantity<U> =>
  Math.max(first, ...rest) as Quantity<U>;
export const smallest = <U extends string>(
  first: Quantity<U>,
  ...rest: readonly Quantity<U>[]
): Quantity<U> => Math.min(first, ...rest) as Quantity<U>;
