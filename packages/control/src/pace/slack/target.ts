/**
 * What the next stage may take: its budget, and its part of the run's slack.
 */
import { type Seconds, seconds } from "@frugal/core";
import { type Gain, gainAt } from "./gain.ts";

/** `budget` + K(e) * `slack` with e = `slack` / `deadline`, never below zero. */
export const nextTarget = (budget: Seconds, slack: Seconds, deadline: Seconds, gain: Gain): Seconds =>
  seconds(Math.max(0, budget + gainAt(gain, deadline > 0 ? slack / deadline : 0) * slack));
