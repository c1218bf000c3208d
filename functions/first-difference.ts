/**
 * Where two JSON documents differ first, in words: the heart of every check.
 */

/** Relative error that rounding may cause where languages add or format floating-point numbers in another way. */
const TOLERANCE = 1e-9;

/**
 * What is different in `actual`, or undefined where it equals `expected`. Integers must be equal exactly, other numbers
 * within a relative error of 1e-9; no field may be missing or added.
 */
export function firstDifference(expected: unknown, actual: unknown, path = "output"): string | undefined {
  if (Array.isArray(expected)) return arrayDifference(expected, actual, path);
  if (isObject(expected)) return objectDifference(expected, actual, path);
  if (typeof expected === "number" && typeof actual === "number") {
    if (sameNumber(expected, actual)) return undefined;
  } else if (expected === actual) return undefined;
  return `${path} is ${shown(actual)}, expected ${shown(expected)}`;
}

/** `value` as an object with unknown fields, or undefined where it is none. */
export const objectOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  isObject(value) ? value : undefined;

/** `value` as an array of numbers, or undefined where any element is none. */
export const numbersOf = (value: unknown): readonly number[] | undefined =>
  Array.isArray(value) && value.every((element) => typeof element === "number") ? value : undefined;

/** `value` as an array of texts, or undefined where any element is none. */
export const textsOf = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) && value.every((element) => typeof element === "string") ? value : undefined;

function arrayDifference(expected: readonly unknown[], actual: unknown, path: string): string | undefined {
  if (!Array.isArray(actual)) return `${path} is ${shown(actual)}, expected an array`;
  if (actual.length !== expected.length) {
    return `${path} has ${actual.length} elements, expected ${expected.length}`;
  }
  for (const [index, element] of expected.entries()) {
    const difference = firstDifference(element, actual[index], `${path}[${index}]`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function objectDifference(
  expected: Readonly<Record<string, unknown>>,
  actual: unknown,
  path: string,
): string | undefined {
  if (!isObject(actual)) return `${path} is ${shown(actual)}, expected an object`;
  for (const [key, value] of Object.entries(expected)) {
    if (!(key in actual)) return `${path}.${key} is missing`;
    const difference = firstDifference(value, actual[key], `${path}.${key}`);
    if (difference !== undefined) return difference;
  }
  const added = Object.keys(actual).find((key) => !(key in expected));
  return added === undefined ? undefined : `${path}.${added} is not expected`;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const sameNumber = (expected: number, actual: number): boolean =>
  Number.isInteger(expected)
    ? actual === expected
    : Math.abs(actual - expected) <= TOLERANCE * Math.abs(expected);

function shown(value: unknown): string {
  const text = value === undefined ? "undefined" : JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
