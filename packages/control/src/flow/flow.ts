/**
 * The flow engine: runs of workflows of the Serverless Workflow DSL 1.0, as one synchronous state machine.
 *
 * `handle` takes what has happened and says what to do; there is no promise, timer or clock inside. Tasks are generators that
 * pause at what they wait for (`run/`). What all tasks have in common is in `perform/`, what the kinds do in `tasks/`, what is
 * evaluated in `data/`. The shell calls functions and services, keeps the records, and evaluates expressions on request.
 * Invariants: see `run/run.ts`.
 */
import { type RunId, type Seconds, unreachable } from "@frugal/core";
import type { FlowCommand } from "./flow-command.ts";
import type { FlowEvent } from "./flow-event.ts";
import type { FlowOptions } from "./flow-options.ts";
import { Engine } from "./run/engine.ts";
import { Run, type RunStarted } from "./run/run.ts";
import { performWorkflow } from "./perform/perform-workflow.ts";

export class Flow {
  readonly #engine: Engine;
  readonly #runs = new Map<RunId, Run>();

  constructor(options: FlowOptions) {
    this.#engine = new Engine(options);
  }

  /** `now` never goes backwards. Events of runs that are over are ignored. */
  handle(event: FlowEvent, now: Seconds): readonly FlowCommand[] {
    this.#engine.begin(now);
    switch (event.kind) {
      case "run-started":
        this.#start(event);
        break;
      case "step-finished":
        this.#runs.get(event.run)?.stepFinished(event.step, event.outcome);
        break;
      case "run-cancelled":
        this.#runs.get(event.run)?.cancel();
        break;
      case "run-failed":
        this.#runs.get(event.run)?.fail(event.fault);
        break;
      case "event-received":
        this.#engine.eventReceived(event.event);
        break;
      case "timer-fired":
        this.#engine.timerFired();
        break;
      default:
        unreachable(event);
    }
    return this.#engine.finish();
  }

  #start(event: RunStarted): void {
    if (this.#runs.has(event.run)) return;
    const run = new Run(event, this.#engine, () => void this.#runs.delete(event.run));
    this.#runs.set(event.run, run);
    run.start(performWorkflow(run));
  }
}
