/**
 * Every instance is restored with its working set ahead, where there is one: REAP (Ustiugov et al., ASPLOS 2021).
 */
import { always, defineStartPolicy } from "./start-policy.ts";

export const alwaysPrefetch = defineStartPolicy({
  summary: "restore every instance with its working set ahead, where it has one",
  defaults: {},
  create: () => always("prefetch"),
});
