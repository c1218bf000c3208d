/**
 * What one must know to read the figures, as part of them.
 */
import { availableParallelism } from "node:os";
import type { StartPlan } from "../start-plan.ts";
import type { StartTables } from "./cells.ts";

export function notesOf({ caches, kinds, isComplete }: StartPlan, { cells }: StartTables): readonly string[] {
  const isCold = caches.some((cache) => cache !== "warm");
  return [
    "faults: those that were served one by one until the first answer; pages: installed ahead, and one for each fault (beyond a working set, one fault brings up to 15 neighbours along, which are not counted)",
    ...(kinds.includes("eager")
      ? [
          "eager reads all pages of the image before the function runs: no faults, and the pages are the image's",
        ]
      : []),
    ...(isCold
      ? ["the disk may be a virtual one, of which the host beneath keeps blocks in its own memory"]
      : []),
    ...(isCold && kinds.includes("pooled")
      ? [
          "pooled with cold caches: the working set stays in the pager's memory, where it is kept; the snapshot's files are read anew",
        ]
      : []),
    ...(caches.includes("all-cold")
      ? ["all-cold: what running processes map stays, such as the platform's own Node"]
      : []),
    ...(isComplete ? [`the platform makes ${availableParallelism()} starts at a time; the others wait`] : []),
    ...stayed(cells),
  ];
}

const stayed = (cells: StartTables["cells"]): readonly string[] =>
  Object.entries(cells).flatMap(([fn, byCache]) =>
    Object.entries(byCache).flatMap(([cache, row]) =>
      Object.entries(row).flatMap(([kind, { stayedMB }]) =>
        (stayedMB ?? 0) === 0
          ? []
          : [
              `${fn}, ${cache}, ${kind}: not quite cold, up to ${stayedMB?.toFixed(1)} MB stayed in the page cache`,
            ],
      ),
    ),
  );
