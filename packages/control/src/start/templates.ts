/**
 * Orders templates: instances that take no invocations and are started in the background to be snapshotted.
 *
 * Invariants (cited by the tests):
 *   T1  a template starts only where there is room for it at once, and only while nothing waits; one at a time per machine
 *       and per function
 *   T2  no start and no dispatch waits for cores or a start slot that a template holds, nor longer for its memory than it
 *       takes to stop it
 *   T3  a function's snapshot is tried at most `MOST_FAILURES` times a revision
 */
import { type ErrorReport, plus, type Seconds, seconds } from "@frugal/core";
import type { FunctionState } from "../function-state.ts";
import type { Machine } from "../route/machine.ts";
import type { ControlState } from "../state.ts";
import type { Instance } from "./instance.ts";
import type { Lifecycle } from "./lifecycle.ts";

const MOST_FAILURES = 3;
/** After what may have been the last invocation for a while; doubled with every look that finds no room or no quiet. */
const FIRST_LOOK = seconds(0.1);
const LONGEST_LOOK = seconds(60);
/** After a template that no snapshot came of, or whose snapshot is gone; doubled with every failure. */
const RETRY_FAILED = seconds(10);
/** After one that had to make way; doubled with every time. */
const RETRY_EVICTED = seconds(1);
const LONGEST_RETRY = seconds(600);

export class Templates {
  readonly #state: ControlState;
  readonly #lifecycle: Lifecycle;

  constructor(state: ControlState, lifecycle: Lifecycle) {
    this.#state = state;
    this.#lifecycle = lifecycle;
  }

  /** The function may want a template now: has a look soon. Cheap where it does not. */
  consider(fn: FunctionState, now: Seconds): void {
    if (!this.#isWanted(fn)) return;
    fn.template.looks = 0;
    this.#lookAt(fn, plus(now, FIRST_LOOK));
  }

  /** Somebody asked for a snapshot: earlier failures no longer count. */
  wish(fn: FunctionState, now: Seconds): void {
    fn.template.hasSucceeded = true;
    fn.template.failures = 0;
    fn.template.notBefore = now;
    this.consider(fn, now);
  }

  /** The look that was noted: starts a template, or looks again later. */
  look(fn: FunctionState, now: Seconds): void {
    const { template } = fn;
    if (template.check === undefined || template.check > now) return;
    template.check = undefined;
    if (!this.#isWanted(fn)) return;
    if (now < template.notBefore) {
      this.#lookAt(fn, now);
      return;
    }
    const machine = this.#isQuiet ? this.#machineFor(fn) : undefined;
    if (machine === undefined) {
      const wait = Math.min(LONGEST_LOOK, FIRST_LOOK * 2 ** Math.min(++template.looks, 20));
      this.#lookAt(fn, seconds(now + wait));
    } else {
      this.#lifecycle.start(fn, machine, { cause: "template", wish: undefined }, now);
    }
  }

  /** Nothing is left of the template. Whether a snapshot came of it, the machine's offers say, now or later. */
  ended(fn: FunctionState, instance: Instance, failure: ErrorReport | undefined, now: Seconds): void {
    const { template } = fn;
    if (instance.revision !== fn.demand.revision) {
      this.consider(fn, now);
      return;
    }
    if (instance.state === "stopping") {
      template.notBefore = now + backoff(RETRY_EVICTED, template.evictions++);
    } else if (failure === undefined && fn.starts.hasSnapshotOn(instance.machine)) {
      template.notBefore = now;
      this.offered(fn);
    } else {
      template.notBefore = now + backoff(RETRY_FAILED, template.failures++);
    }
    this.consider(fn, now);
  }

  /** A machine offers the function's snapshot. */
  offered({ template }: FunctionState): void {
    template.failures = 0;
    template.evictions = 0;
  }

  /** Snapshots of the function are gone: where it is to have one again, not at once. */
  withdrawn(fn: FunctionState, now: Seconds): void {
    fn.template.notBefore = Math.max(fn.template.notBefore, now + RETRY_FAILED);
    this.consider(fn, now);
  }

  #isWanted(fn: FunctionState): boolean {
    const { template, demand } = fn;
    return (
      demand.snapshot !== "off" &&
      !fn.isRemoved &&
      template.instance === undefined &&
      template.failures < MOST_FAILURES &&
      (template.hasSucceeded || demand.provisioned > 0) &&
      this.#state.machines.some((machine) => lacksSnapshot(fn, machine))
    );
  }

  get #isQuiet(): boolean {
    return this.#state.waiting === 0 && this.#state.order.length === 0;
  }

  #machineFor(fn: FunctionState): Machine | undefined {
    return this.#state.machines.find(
      (machine) =>
        lacksSnapshot(fn, machine) &&
        !this.#state.templates.has(machine) &&
        machine.canStart &&
        machine.hasRoom(fn.demand) &&
        machine.hasCores(fn.demand),
    );
  }

  #lookAt(fn: FunctionState, time: Seconds): void {
    const at = seconds(Math.max(time, fn.template.notBefore));
    if (fn.template.check !== undefined && fn.template.check <= at) return;
    fn.template.check = at;
    this.#state.agenda.set(at, { kind: "check-template", fn });
  }
}

const lacksSnapshot = (fn: FunctionState, machine: Machine): boolean =>
  machine.capacity.snapshots && machine.couldHold(fn.demand) && !fn.starts.hasSnapshotOn(machine);

const backoff = (first: Seconds, times: number): number =>
  Math.min(LONGEST_RETRY, first * 2 ** Math.min(times, 20));
