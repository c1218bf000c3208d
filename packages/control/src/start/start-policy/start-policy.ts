/**
 * Start policy: which of the kinds of start that a machine offers an instance is started with.
 */
import { type Joules, plus, type Seconds, type StartKind, type Bytes } from "@frugal/core";
import type { StartCause } from "../../command.ts";

/** What a start of one kind is expected to take. */
export interface StartPrediction {
  readonly kind: StartKind;
  /** From the command to readiness. */
  readonly latency: Seconds;
  /** What the first invocation takes after it. */
  readonly service: Seconds;
  readonly cpu: Seconds;
  readonly memory: Bytes;
  /** Whether the latency was measured, here or by who made the snapshot; else it is a rule of thumb. */
  readonly isMeasured: boolean;
  /** Starts of this kind that were asked for, of this revision. */
  readonly trials: number;
}

export interface StartOption extends StartPrediction {
  /** Of the start itself, and of the instance's memory as long as it is expected to stay. */
  readonly joules: Joules;
}

export interface StartSituation {
  readonly cause: StartCause;
  /** What there is to choose from: at least a boot. */
  readonly options: readonly [StartOption, ...StartOption[]];
  /** What is left until the first waiting invocation's deadline; undefined where there is none or nobody waits. */
  readonly timeLeft: Seconds | undefined;
  /** Starts of the function that were asked for, of this revision. */
  readonly starts: number;
}

/** The state of one policy on one platform. */
export interface StartPolicy {
  /** What is best by what is known. */
  choose(situation: StartSituation): StartKind;
  /** A kind that ought to be tried now to be known; undefined where none is, or the policy needs to know nothing. */
  explore(situation: StartSituation): StartKind | undefined;
}

/** A policy as the registry holds it; `defaults` names its options and their defaults. */
export interface StartPolicyDefinition<
  Options extends Readonly<Record<string, number>> = Readonly<Record<string, number>>,
> {
  readonly summary: string;
  readonly defaults: Options;
  create(options: Options): StartPolicy;
}

/** Types a policy by the options it declares. */
export const defineStartPolicy = <const Options extends Readonly<Record<string, number>>>(
  policy: StartPolicyDefinition<Options>,
): StartPolicyDefinition<Options> => policy;

/** From the command to the first invocation's result. */
export const timeOf = ({ latency, service }: StartPrediction): Seconds => plus(latency, service);

/** The option of least `measure`; of equal ones the first. */
export function least(
  options: readonly [StartOption, ...StartOption[]],
  measure: (option: StartOption) => number,
): StartOption {
  let best = options[0];
  for (const option of options) if (measure(option) < measure(best)) best = option;
  return best;
}

export const isNotEmpty = (
  options: readonly StartOption[],
): options is readonly [StartOption, ...StartOption[]] => options.length > 0;

/** A policy that chooses `kind` where it is offered, else a boot. */
export const always = (kind: StartKind): StartPolicy => ({
  choose: ({ options }) => (options.some((option) => option.kind === kind) ? kind : "boot"),
  explore: () => undefined,
});
