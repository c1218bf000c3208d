/**
 * Names of things, branded so that one kind cannot be passed for another; the only file that casts to them.
 *
 * Invocations and instances are numbered: the control plane handles hundreds of thousands of them a second, and a small
 * integer costs nothing to hash or compare. What users see is made from the number at the edge.
 */
declare const id: unique symbol;

/** A function's name, unique on a platform: 1 to 64 of `A-Z a-z 0-9 - _` (AWS Lambda, FunctionName). */
export type FunctionName = string & { readonly [id]: "function" };
export type MachineName = string & { readonly [id]: "machine" };
/** Numbered by the shell (daemon or simulator) in order of arrival. */
export type InvocationNumber = number & { readonly [id]: "invocation" };
/** Numbered by the control plane in order of start. */
export type InstanceNumber = number & { readonly [id]: "instance" };

const functionNamePattern = /^[A-Za-z0-9_-]{1,64}$/;

/** `text` as a function's name, or undefined where it cannot be one. */
export const parseFunctionName = (text: string): FunctionName | undefined =>
  functionNamePattern.test(text) ? (text as FunctionName) : undefined;

/** `text` as a function's name; a RangeError where it cannot be one. For names known to be good; parse what users send. */
export function functionName(text: string): FunctionName {
  const name = parseFunctionName(text);
  if (name === undefined) {
    throw new RangeError(
      `Not a function name: ${JSON.stringify(text)}; use 1 to 64 letters, digits, "-" or "_"`,
    );
  }
  return name;
}
export const machineName = (text: string): MachineName => text as MachineName;
export const invocationNumber = (value: number): InvocationNumber => value as InvocationNumber;
export const instanceNumber = (value: number): InstanceNumber => value as InstanceNumber;
