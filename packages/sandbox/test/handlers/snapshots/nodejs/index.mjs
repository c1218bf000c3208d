// What hooks, variables and modules of a template are like, told by its clones.
import { createRequire } from "node:module";

// The test puts it into the package.
const dep = createRequire(import.meta.url)("dep");

const order = [];
process.env.OWN = "the function's";
if (process.env.FAIL === "load") throw new RangeError("fails to load");

frugal.registerBeforeSnapshot(() => order.push("before 1"));
frugal.registerBeforeSnapshot(async () => {
  await null;
  if (process.env.FAIL === "before") throw new RangeError("fails before");
  order.push("before 2");
});

const after = (number, suffix = "") => {
  if (process.env.FAIL === "after") throw new RangeError("fails after");
  order.push(`after ${number}${suffix} in ${process.env.REGION}`);
};
frugal.registerAfterRestore(async () => after(1));
frugal.registerAfterRestore(() => after(2, "!"));

export const handler = (event, context) =>
  Promise.resolve({
    order,
    dep: dep.loads,
    region: process.env.REGION,
    own: process.env.OWN,
    stream: context.logStreamName,
    trace: process.env._X_AMZN_TRACE_ID ?? null,
  });
