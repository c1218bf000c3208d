/**
 * Routines that run side by side, and end together: when all have ended, when one is decisive, or when one faults.
 */
import { type Scheduler, Strand } from "./strand.ts";
import type { Routine, Wait } from "./wait.ts";

type BranchesEnd<T> =
  /** In the order of the branches. */
  { readonly kind: "all"; readonly results: readonly T[] } | { readonly kind: "decided"; readonly result: T };

/** Runs `routines` to their end, or until the result of one `isDecisive`; then the others are cancelled. A fault is passed on. */
export function* sideBySide<T>(
  scheduler: Scheduler,
  routines: readonly Routine<T>[],
  isDecisive: (result: T) => boolean,
): Routine<BranchesEnd<T>> {
  if (routines.length === 0) return { kind: "all", results: [] };
  const branches = new Branches(scheduler, routines, isDecisive);
  yield branches;
  return branches.end();
}

class Branches<T> implements Wait {
  readonly #scheduler: Scheduler;
  readonly #routines: readonly Routine<T>[];
  readonly #isDecisive: (result: T) => boolean;
  readonly #results = new Map<number, T>();
  #strands: readonly Strand[] = [];
  #end: (() => BranchesEnd<T>) | undefined;

  constructor(scheduler: Scheduler, routines: readonly Routine<T>[], isDecisive: (result: T) => boolean) {
    this.#scheduler = scheduler;
    this.#routines = routines;
    this.#isDecisive = isDecisive;
  }

  begin(wake: () => void): void {
    const settle = (end: () => BranchesEnd<T>): void => {
      this.#end = end;
      this.abandon();
      wake();
    };
    this.#strands = this.#routines.map(
      (routine, i) =>
        new Strand(this.#settling(routine, i, settle), this.#scheduler, (error) =>
          settle(() => {
            throw error;
          }),
        ),
    );
  }

  abandon(): void {
    for (const strand of this.#strands) strand.cancel();
  }

  end(): BranchesEnd<T> {
    if (this.#end === undefined) throw new Error("Branches were asked for their end before it");
    return this.#end();
  }

  *#settling(routine: Routine<T>, index: number, settle: (end: () => BranchesEnd<T>) => void): Routine<void> {
    const result = yield* routine;
    this.#results.set(index, result);
    if (this.#isDecisive(result)) settle(() => ({ kind: "decided", result }));
    else if (this.#results.size === this.#routines.length)
      settle(() => ({
        kind: "all",
        results: [...this.#results].sort(([one], [other]) => one - other).map(([, found]) => found),
      }));
  }
}
