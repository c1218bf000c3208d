/**
 * Every instance boots: what a platform without snapshots does.
 */
import { always, defineStartPolicy } from "./start-policy.ts";

export const alwaysBoot = defineStartPolicy({
  summary: "boot every instance, whatever snapshots there are",
  defaults: {},
  create: () => always("boot"),
});
