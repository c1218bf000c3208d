/**
 * Every instance is restored with all its pages, where there is a snapshot: what stock checkpoint and restore does.
 */
import { always, defineStartPolicy } from "./start-policy.ts";

export const alwaysEager = defineStartPolicy({
  summary: "restore every instance with all its pages, where it has a snapshot",
  defaults: {},
  create: () => always("eager"),
});
