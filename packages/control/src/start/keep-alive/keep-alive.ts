/**
 * Keep-alive policy: how long an idle instance stays, when a function is started ahead of its next invocation, and who
 * goes first when memory is short.
 */
import type { Bytes, FunctionName, Joules, Seconds, Watts } from "@frugal/core";

/** What happens with an instance that has become idle. */
export interface RestPlan {
  /** It is stopped after this much idle time. */
  readonly keepFor: Seconds;
  /** Once the function has no instance left: start one `after` this much idle time, and keep it for `keepFor`. */
  readonly prewarm: { readonly after: Seconds; readonly keepFor: Seconds } | undefined;
}

/** What the next start of a function takes, and what an idle instance of it does. */
export interface RestCosts {
  /** From the command to the first invocation's result. */
  readonly startTime: Seconds;
  readonly startJoules: Joules;
  /** Of the memory that an idle instance holds. */
  readonly power: Watts;
  /** Target of the time from arrival to result. */
  readonly deadline: Seconds | undefined;
}

/** An idle instance that could be evicted. */
export interface EvictionCandidate {
  readonly function: FunctionName;
  readonly memory: Bytes;
  /** What a start of its function takes, as far as is known. */
  readonly startCost: Seconds;
  readonly idleSince: Seconds;
}

/** The state of one policy on one platform. */
export interface KeepAlive {
  /** An invocation of the function has arrived. */
  arrived(fn: FunctionName, now: Seconds): void;
  /** An instance of the function has become idle; `atRest`: the function has no other work at all. */
  rest(fn: FunctionName, now: Seconds, atRest: boolean, costs: RestCosts): RestPlan;
  /** The candidate of lowest priority is evicted first. */
  priority(candidate: EvictionCandidate): number;
  /** The candidate of this priority was evicted. */
  evicted(priority: number): void;
  /** The function is gone. */
  forget(fn: FunctionName): void;
}

/** A policy as the registry holds it; `defaults` names its options (numbers, times in seconds) and their defaults. */
export interface KeepAlivePolicy<
  Options extends Readonly<Record<string, number>> = Readonly<Record<string, number>>,
> {
  readonly summary: string;
  readonly defaults: Options;
  create(options: Options): KeepAlive;
}

/** Types a policy by the options it declares. */
export const definePolicy = <const Options extends Readonly<Record<string, number>>>(
  policy: KeepAlivePolicy<Options>,
): KeepAlivePolicy<Options> => policy;

/** Least recently used goes first: the priority of policies that have no opinion. */
export const leastRecentlyUsed = (candidate: EvictionCandidate): number => candidate.idleSince;

/** A policy's state that gives every idle instance the same plan and has no opinion else. */
export const constantPlan = (plan: RestPlan): KeepAlive => ({
  arrived: () => undefined,
  rest: () => plan,
  priority: leastRecentlyUsed,
  evicted: () => undefined,
  forget: () => undefined,
});
