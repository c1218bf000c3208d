/**
 * What is written of runs as they go on: their records, history and ends.
 *
 * Invariants (cited by the tests):
 *   B1  no run stores more than `MOST_RECORDED` characters of records: one that would is told so, and must end
 *   B2  the history has the first `MOST_KEPT` stages and events of a run, and its last event; all are counted and published
 */
import type { CloudEvent, StepRecord } from "@frugal/control";
import type { RunEnding, StageEntry } from "../store/run.ts";
import { eventOfEnding } from "../events/lifecycle-events.ts";
import type { Journal } from "../store/journal.ts";
import type { RunStore } from "../store/run-store.ts";
import type { WorkflowCatalog } from "../store/workflow-catalog.ts";
import type { ActiveRun } from "./active-run.ts";

interface Parts {
  readonly journal: Journal;
  readonly store: RunStore;
  readonly catalog: WorkflowCatalog;
  /** Takes events out of the platform, as far as that works. */
  readonly publish: (event: CloudEvent) => void;
}

/** Of one run; they are needed until its end, and one loop can make as many as it likes. */
const MOST_RECORDED = 128 * 2 ** 20;
const MOST_KEPT = 10_000;

export class RunBook {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Stores what a durable run must not lose; commands wait for it (`held`). False where it is too much (B1). */
  record(run: ActiveRun, { key, content }: StepRecord): boolean {
    run.noteExecuted(key);
    const { id, isDurable } = run.beginning;
    if (!isDurable) return true;
    const { journal, store } = this.#parts;
    const text = JSON.stringify(content);
    run.recorded += text.length;
    if (run.recorded > MOST_RECORDED) return false;
    run.held++;
    journal.write(
      () => store.record(id, key, text),
      () => {
        run.held--;
      },
    );
    return true;
  }

  stage(run: ActiveRun, entry: StageEntry): void {
    const { journal, store, catalog } = this.#parts;
    run.count(entry);
    catalog.noteStage(run.beginning, entry);
    if (++run.stagesKept > MOST_KEPT) return;
    const text = JSON.stringify(entry);
    journal.write(() => store.stage(run.beginning.id, text));
  }

  /** Notes an event of the run, and tells the world of it. */
  event(run: ActiveRun, event: CloudEvent): void {
    const { journal, publish } = this.#parts;
    if (++run.eventsKept > MOST_KEPT) journal.after(() => publish(event));
    else this.#write(run, event);
  }

  /** `then` follows when the end is on disk. */
  end(run: ActiveRun, ending: RunEnding, then: () => void): void {
    const { journal, store, catalog } = this.#parts;
    const { id, workflow } = run.beginning;
    this.#write(run, eventOfEnding(run.beginning, ending));
    catalog.noteRun(run.beginning, run.executed);
    catalog.noteEnd(workflow, ending.status);
    journal.write(() => {
      store.end(id, ending);
      catalog.save(workflow);
    }, then);
  }

  #write(run: ActiveRun, event: CloudEvent): void {
    const { journal, store, publish } = this.#parts;
    const text = JSON.stringify(event);
    journal.write(
      () => store.event(run.beginning.id, text),
      () => publish(event),
    );
  }
}
