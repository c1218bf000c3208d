/**
 * Tries of kinds of start that are not well known yet: a kind is not judged by a rule of thumb for ever, nor by one start
 * on a cold page cache.
 *
 * Invariants (cited by the tests):
 *   X1  of n starts of a revision, no kind has more than `trials` + n / `trialEvery` for being tried
 *   X2  nothing is tried that, taken to last as long as a boot where it was not measured, would miss a deadline
 *   X3  without a deadline nothing is tried that is expected to take longer than a boot
 */
import { largest, scaled, type Seconds, seconds, type StartKind } from "@frugal/core";
import type { StartOption, StartSituation } from "./start-policy.ts";

export interface ExplorationOptions {
  /** Starts of a kind after which it is taken for known. */
  readonly trials: number;
  /** One further start of a kind in so many: what was true once need not stay so. */
  readonly trialEvery: number;
}

export const usualExploration: ExplorationOptions = { trials: 3, trialEvery: 100 };

/** What a kind that is hardly known may take, as a multiple of what it is expected to. */
const CAUTION = 1.5;

/** The least tried kind that ought to be tried and may be. */
export function kindToTry(
  situation: StartSituation,
  { trials, trialEvery }: ExplorationOptions,
): StartKind | undefined {
  if (situation.options.length === 1) return undefined;
  const most = trials + Math.floor(situation.starts / trialEvery);
  let least: StartOption | undefined;
  for (const option of situation.options) {
    if (option.trials >= most || option.trials >= (least?.trials ?? Infinity)) continue;
    if (mayTry(option, situation)) least = option;
  }
  return least?.kind;
}

function mayTry(option: StartOption, { cause, options, timeLeft }: StartSituation): boolean {
  if (cause !== "demand") return true;
  const boot = options.find(({ kind }) => kind === "boot")?.latency ?? seconds(0);
  const latency = cautiousLatency(option, boot);
  if (timeLeft !== undefined) return latency + option.service <= timeLeft;
  return option.kind !== "boot" && option.latency <= boot;
}

const cautiousLatency = ({ latency, isMeasured }: StartOption, boot: Seconds): Seconds =>
  scaled(isMeasured ? latency : largest(latency, boot), CAUTION);
