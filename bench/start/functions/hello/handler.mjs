/**
 * The smallest function: what a start costs beyond its own code.
 */
import { setTimeout as delay } from "node:timers/promises";

/** @param {{ name: string, holdMs?: number }} event `holdMs` keeps the finished invocation, and so its memory, for a look at it. */
export const handler = async ({ name, holdMs = 0 }) => {
  const greeting = `Hello, ${name}!`;
  if (holdMs > 0) await delay(holdMs);
  return { greeting };
};
