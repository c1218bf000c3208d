/**
 * Names of things, branded so that one kind cannot be passed for another; the only file that casts to them.
 *
 * Invocations and instances are numbered: the control plane handles hundreds of thousands of them a second, and a small
 * integer costs nothing to hash or compare. What users see is made from the number at the edge.
 */
declare const id: unique symbol;

/** A function's name, unique on a platform: 1 to 64 of `A-Z a-z 0-9 - _` (AWS Lambda, FunctionName). */
export type FunctionName = string & { readonly [id]: "function" };
/**
 * What executions are compared by: a function, and the variant of its work that parameters other than its payload's size make.
 * Executions without a variant go by the function's name alone.
 */
export type StageKey = string & { readonly [id]: "function" | "stage" };
export type MachineName = string & { readonly [id]: "machine" };
/** `namespace/name`, unique on a platform. */
export type WorkflowName = string & { readonly [id]: "workflow" };
/** A run of a workflow: a UUID. */
export type RunId = string & { readonly [id]: "run" };
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

/** Ends the name in a key; no name has it. */
const VARIANT = "?";

/** `variant` is empty where there is none. */
export const stageKey = (fn: FunctionName, variant: string): StageKey =>
  variant === "" ? fn : ((fn + VARIANT + variant) as StageKey);
/** The function of a key. */
export function functionOf(key: StageKey): FunctionName {
  const end = key.indexOf(VARIANT);
  return (end === -1 ? key : key.slice(0, end)) as FunctionName;
}
/** `text` as a key, or undefined where it cannot be one. */
export const parseStageKey = (text: string): StageKey | undefined =>
  parseFunctionName(functionOf(text as StageKey)) === undefined ? undefined : (text as StageKey);

export const machineName = (text: string): MachineName => text as MachineName;
export const invocationNumber = (value: number): InvocationNumber => value as InvocationNumber;
export const instanceNumber = (value: number): InstanceNumber => value as InstanceNumber;

const label = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?";
const workflowNamePattern = new RegExp(`^${label}/${label}$`);

/** `text` as a workflow's name, or undefined where it cannot be one (two labels of RFC 1123 with a slash between). */
export const parseWorkflowName = (text: string): WorkflowName | undefined =>
  workflowNamePattern.test(text) ? (text as WorkflowName) : undefined;

/** `text` as a workflow's name; a RangeError where it cannot be one. */
export function workflowName(text: string): WorkflowName {
  const name = parseWorkflowName(text);
  if (name === undefined)
    throw new RangeError(`Not a workflow's name: ${JSON.stringify(text)}; use namespace/name`);
  return name;
}
export const runId = (text: string): RunId => text as RunId;
