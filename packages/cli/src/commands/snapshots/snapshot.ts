/**
 * `frugal snapshot`: what functions start from.
 */
import type { CommandGroup } from "../../command.ts";
import { buildSnapshot } from "./build.ts";
import { deleteSnapshot } from "./delete.ts";
import { inspectSnapshot } from "./inspect.ts";
import { listSnapshots } from "./list.ts";

export const snapshot: CommandGroup = {
  kind: "group",
  name: "snapshot",
  summary: "list, make, inspect and delete snapshots of functions",
  description:
    "A snapshot holds the memory and the processes of a function that is ready. Instances that start from it need neither boot the runtime nor load the function. The platform makes snapshots by itself where they save more than they cost.",
  commands: [listSnapshots, buildSnapshot, inspectSnapshot, deleteSnapshot],
  examples: [
    { line: "frugal snapshot list", meaning: "what there is" },
    { line: "frugal snapshot build resize --wait", meaning: "makes one now" },
  ],
};
