/**
 * hello: a start with next to nothing of the function's own.
 */
import { firstDifference, objectOf } from "../answers.ts";
import type { StartFunction } from "../start-function.ts";

export const hello: StartFunction = {
  name: "hello",
  summary: "answers a greeting",
  folder: import.meta.dirname,
  settings: { runtime: "nodejs", handler: "handler.handler", memoryMiB: 256 },
  holds: true,
  payload: (seed) => ({ name: `caller ${seed}` }),
  check: (seed, output) => firstDifference({ greeting: `Hello, caller ${seed}!` }, objectOf(output)),
};
