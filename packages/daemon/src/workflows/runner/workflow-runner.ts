/**
 * Runs of workflows: started, watched, cancelled, and taken up again after the process died.
 *
 * Invariants (cited by the tests):
 *   N1  a run whose start was acknowledged ends as completed, faulted or cancelled, across kill -9: a durable one goes on from
 *       its records, one that is not is faulted at the next start
 *   N2  at most `maxRunning` runs that somebody started run at a time; more are refused
 *   N3  a step that starts a run starts one, also when the step is executed again
 */
import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { CloudEvent, Flow, Json } from "@frugal/control";
import { type Clock, FrugalError, minus, plus, type RunId, runId, type Seconds } from "@frugal/core";
import { Journal } from "../store/journal.ts";
import type { Run, RunBeginning, RunParent, RunSummary, StageEntry } from "../store/run.ts";
import { type RunFilter, RunStore } from "../store/run-store.ts";
import { type StoredWorkflow, type WorkflowCatalog, workflowNotFound } from "../store/workflow-catalog.ts";
import { ActiveRun } from "./active-run.ts";
import { ChildRuns } from "./child-runs.ts";
import { FlowShell } from "./flow-shell.ts";
import { recoverRuns } from "./recovery.ts";
import { RunBook } from "./run-book.ts";
import type { RunObserver } from "./run-observer.ts";
import type { RunnerOptions } from "./runner-options.ts";
import { type StepParts, Steps } from "../steps/steps.ts";
import type { WorkflowGraphs } from "./workflow-graphs.ts";

export interface RunnerParts {
  readonly database: DatabaseSync;
  readonly catalog: WorkflowCatalog;
  readonly graphs: WorkflowGraphs;
  readonly flow: Pick<Flow, "handle">;
  readonly platform: StepParts["platform"];
  readonly clock: Clock;
  /** Seconds since 1970 at the monotonic time `now`. */
  readonly wallTime: (now: Seconds) => Seconds;
  readonly options: RunnerOptions;
  readonly observers: readonly RunObserver[];
  /** Takes events out of the platform, as far as that works. */
  readonly publish: (event: CloudEvent) => void;
  /** Told of faults of Frugal's own. */
  readonly complain: (fault: unknown) => void;
}

/** Told how the start of a run went, once. */
export type StartListener = (error: FrugalError | undefined, run: Run | undefined) => void;

/** Ended runs between two prunings. */
const PRUNE_EVERY = 256;

export class WorkflowRunner {
  readonly #parts: RunnerParts;
  readonly #store: RunStore;
  readonly #journal: Journal;
  readonly #shell: FlowShell;
  /** Starts that are not on disk yet. */
  #starting = 0;
  #ended = 0;
  #isStopped = false;
  readonly #waiting = new Set<() => void>();

  constructor(parts: RunnerParts) {
    const { clock, database, options, platform, wallTime } = parts;
    this.#parts = parts;
    this.#store = new RunStore(database);
    this.#journal = new Journal(database, clock, parts.complain);
    const steps = new Steps({ platform, clock, http: options.http, wallTime });
    const children = new ChildRuns({
      steps,
      store: this.#store,
      active: (id) => this.#shell.find(id),
      start: (workflow, input, parent, done) => this.#begin(workflow, { input, parent }, done),
      cancel: (id) => this.#shell.cancel(id),
      find: (name) => parts.catalog.find(name),
    });
    const { catalog, publish } = parts;
    this.#shell = new FlowShell({
      ...parts,
      journal: this.#journal,
      book: new RunBook({ journal: this.#journal, store: this.#store, catalog, publish }),
      steps,
      startChild: (parent, command, done) => children.start(parent, command, done),
      tidy: (run) => this.#tidy(run),
    });
  }

  /** Runs that have not ended. */
  get running(): number {
    return this.#shell.size + this.#starting;
  }

  /** Takes up what an earlier process left (N1). */
  recover(): void {
    const { database, catalog, graphs } = this.#parts;
    const runs = recoverRuns({ database, catalog, store: this.#store, now: this.#now() });
    const active = runs.map((run) => {
      const workflow = catalog.byDefinition(run.definition);
      return new ActiveRun(run, workflow, graphs.indexesFor(run.workflow, run.definition));
    });
    for (const run of active) {
      for (const entry of this.#store.stages(run.beginning.id)) run.count(entry);
      // All before the first goes on: it may ask for the others.
      this.#shell.adopt(run);
    }
    for (const run of active) {
      const records = this.#store.records(run.beginning.id);
      for (const { key } of records) run.noteExecuted(key);
      run.recorded = this.#store.sizeOfRecords(run.beginning.id);
      graphs.runStarted(run, minus(this.#now(), run.beginning.startedAt));
      this.#shell.begin(run, records);
    }
    this.#journal.write(() => this.#store.prune(this.#parts.options.retention, this.#now()));
  }

  /** Starts a run; `done` is told when it is on disk. */
  start(name: string, input: Json, done: StartListener): void {
    const stored = this.#parts.catalog.find(name);
    if (stored === undefined) queueMicrotask(() => done(workflowNotFound(name), undefined));
    else this.#begin(stored, { input, parent: undefined }, done);
  }

  find(id: string): Run | undefined {
    return this.#store.find(id);
  }

  list(filter: RunFilter): readonly RunSummary[] {
    return this.#store.list(filter);
  }

  stages(id: RunId): readonly StageEntry[] {
    return this.#store.stages(id);
  }

  events(id: RunId): readonly CloudEvent[] {
    return this.#store.events(id);
  }

  /** Runs of a workflow that have not ended. */
  countRunning(name: StoredWorkflow["workflow"]["name"]): number {
    return this.#store.countRunning(name);
  }

  /** Ends a run where it is; one that has ended stays as it is. */
  cancel(id: RunId): void {
    if (this.#shell.find(id) !== undefined) this.#shell.cancel(id);
  }

  /** An event for whoever listens. */
  receive(event: CloudEvent): void {
    this.#shell.receive(event);
  }

  /** Calls `done` once: when the run has ended, when `within` has passed, or when the platform shuts down. */
  waitFor(id: RunId, within: Seconds, done: () => void): () => void {
    const run = this.#shell.find(id);
    const { clock } = this.#parts;
    const stop = (): void => {
      run?.whenEnded.delete(end);
      this.#waiting.delete(end);
      cancel();
    };
    const end = (): void => {
      stop();
      done();
    };
    const cancel = clock.at(
      run === undefined || this.#isStopped ? clock.now() : plus(clock.now(), within),
      end,
    );
    run?.whenEnded.add(end);
    this.#waiting.add(end);
    return stop;
  }

  /** Starts no run and no step any more; whoever waits is told how far his run is. */
  stop(): void {
    this.#isStopped = true;
    this.#shell.stop();
    for (const end of [...this.#waiting]) end();
  }

  /** Writes what has ended. Durable runs go on at the next start. The database stays open. */
  close(): void {
    this.stop();
    this.#journal.close();
  }

  #begin(
    { workflow, definition }: StoredWorkflow,
    { input, parent }: { readonly input: Json; readonly parent: RunParent | undefined },
    done: StartListener,
  ): void {
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      queueMicrotask(() => done(refusal, undefined));
      return;
    }
    const { graphs } = this.#parts;
    const { name, version, settings } = workflow;
    const beginning = {
      id: runId(randomUUID()),
      workflow: name,
      definition,
      version,
      isDurable: settings.isDurable,
      parent,
      deadline: settings.deadline?.deadline,
      startedAt: this.#now(),
      input,
    };
    this.#starting++;
    this.#journal.tryWrite(
      () => this.#store.begin(beginning),
      () => {
        this.#starting--;
        if (this.#isStopped) return done(shuttingDown(), undefined);
        const run = new ActiveRun(beginning, workflow, graphs.indexesFor(name, definition));
        graphs.runStarted(run, minus(this.#now(), beginning.startedAt));
        this.#shell.begin(run, []);
        done(undefined, { ...beginning, ending: undefined });
      },
      (error) => {
        this.#starting--;
        done(error, undefined);
      },
    );
  }

  #refusal(): FrugalError | undefined {
    const { maxRunning } = this.#parts.options;
    if (this.#isStopped) return shuttingDown();
    if (this.running < maxRunning) return undefined;
    return new FrugalError(
      "overloaded",
      `As many runs of workflows are running as may (${maxRunning}). Try again later, or raise workflows.maxRunning.`,
      { details: { retryAfterSeconds: 1 } },
    );
  }

  /** What follows from the end of any run. */
  #tidy({ id, workflow }: RunBeginning): void {
    const { catalog, graphs, options } = this.#parts;
    graphs.runEnded(id);
    const stored = catalog.find(workflow);
    if (stored !== undefined) graphs.learn(stored);
    if (++this.#ended % PRUNE_EVERY === 0)
      this.#journal.write(() => this.#store.prune(options.retention, this.#now()));
  }

  #now(): Seconds {
    const { clock, wallTime } = this.#parts;
    return wallTime(clock.now());
  }
}

const shuttingDown = (): FrugalError =>
  new FrugalError("shutting-down", "The platform is shutting down and starts no run.");
