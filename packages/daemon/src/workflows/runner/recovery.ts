/**
 * What becomes of the runs that were running when the platform ended.
 */
import type { DatabaseSync } from "node:sqlite";
import type { RunId, Seconds } from "@frugal/core";
import { transaction } from "../../registry/database.ts";
import type { Run, RunEnding } from "../store/run.ts";
import type { RunStore } from "../store/run-store.ts";
import type { WorkflowCatalog } from "../store/workflow-catalog.ts";
import { faultOf } from "../steps/step-faults.ts";

interface Parts {
  readonly database: DatabaseSync;
  readonly store: RunStore;
  readonly catalog: WorkflowCatalog;
  /** Seconds since 1970. */
  readonly now: Seconds;
}

const unknownEnergy = { kind: "unavailable", reason: "the platform ended while it was running" } as const;

/**
 * The runs that go on, parents before their children. The others are ended on disk: what is not durable is faulted, and what a
 * run that is over waited for is cancelled.
 */
export function recoverRuns({ database, store, catalog, now }: Parts): readonly Run[] {
  const goingOn = new Map<RunId, Run>();
  transaction(database, () => {
    for (const run of store.unfinished()) {
      const { parent, isDurable, workflow, id } = run;
      const isOrphan = parent?.isAwaited === true && !goingOn.has(parent.run);
      if (isDurable && !isOrphan) {
        goingOn.set(id, run);
        continue;
      }
      const ending = isOrphan ? cancelled(now) : interrupted(now);
      store.end(id, ending);
      catalog.noteEnd(workflow, ending.status);
      catalog.save(workflow);
      if (!isOrphan) store.detach(id);
    }
  });
  return [...goingOn.values()];
}

const cancelled = (now: Seconds): RunEnding => ({
  status: "cancelled",
  endedAt: now,
  output: undefined,
  fault: undefined,
  energy: unknownEnergy,
});

const interrupted = (now: Seconds): RunEnding => ({
  status: "faulted",
  endedAt: now,
  output: undefined,
  fault: faultOf(
    "runtime",
    500,
    "Interrupted",
    "The platform ended while the run was running, and its workflow is not durable (document.metadata.durable: false)",
  ),
  energy: unknownEnergy,
});
