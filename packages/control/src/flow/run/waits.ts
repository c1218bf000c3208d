/**
 * What routines of a run wait for: a step of the shell, a time, an event.
 */
import type { FlowCommand } from "../flow-command.ts";
import type { StepOutcome } from "../flow-event.ts";
import type { Json } from "../json.ts";
import { RaisedFault } from "../raised-fault.ts";
import type { StepNumber } from "../step.ts";
import { sideBySide } from "./branches.ts";
import type { Run } from "./run.ts";
import type { Routine, Wait } from "./wait.ts";

/** Has the shell carry out a step, and returns its output. A fault where it faults. */
export function* askFor(run: Run, command: (step: StepNumber) => FlowCommand): Routine<Json> {
  let outcome: StepOutcome | undefined;
  yield waitUntil((wake) =>
    run.ask(command, (settled) => {
      outcome = settled;
      wake();
    }),
  );
  return outputOf(outcome);
}

/** Waits until the run is `at` seconds old; at least for another turn. */
export function* sleepUntil(run: Run, at: number): Routine<void> {
  yield waitUntil((wake) => run.alarm(at, wake));
}

/** Does `work` until the run is `at` seconds old; undefined where it is not done by then, and is cancelled. */
export function* within<T>(run: Run, at: number, work: Routine<T>): Routine<T | undefined> {
  const end = yield* sideBySide<T | undefined>(run.engine, [work, undefinedAt(run, at)], () => true);
  return end.kind === "decided" ? end.result : undefined;
}

/** Waits for another turn. */
export const pause = (run: Run): Routine<void> => sleepUntil(run, run.elapsed + run.engine.pause);

/** A wait that `begin` starts; what it returns calls it off. It is over the first time that `begin` says so. */
export function waitUntil(begin: (wake: () => void) => () => void): Wait {
  let callOff: (() => void) | undefined;
  let isOver = false;
  return {
    begin: (wake) => {
      callOff = begin(() => {
        if (isOver) return;
        isOver = true;
        callOff?.();
        wake();
      });
    },
    abandon: () => callOff?.(),
  };
}

function* undefinedAt(run: Run, at: number): Routine<undefined> {
  yield* sleepUntil(run, at);
  return undefined;
}

function outputOf(outcome: StepOutcome | undefined): Json {
  if (outcome?.kind === "success") return outcome.output;
  if (outcome === undefined) throw new Error("A step was over without an outcome");
  // Where it came from is the task that asked, whatever the shell says.
  const { type, status, title, detail } = outcome.fault;
  throw new RaisedFault({
    type,
    status,
    ...(title === undefined ? {} : { title }),
    ...(detail === undefined ? {} : { detail }),
  });
}
