/**
 * The try task: performs its tasks; a fault in them that it catches is retried by its policy, or handled by `catch.do`.
 *
 * Every fault that is caught is recorded with what was decided, so a run that is taken up again neither repeats the attempt nor
 * decides otherwise.
 */
import { RaisedFault, standardFault } from "../../raised-fault.ts";
import { numbered } from "../../run/execution-key.ts";
import type { ContentOf } from "../../run/task-record.ts";
import type { Routine } from "../../run/wait.ts";
import { sleepUntil, within } from "../../run/waits.ts";
import type { Execution } from "../../perform/execution.ts";
import type { TaskResult } from "../../perform/task.ts";
import { catches, errorVariable } from "./error-filter.ts";
import { attemptLimit, retryPolicyOf, retryTime } from "./retry-policy.ts";

type Caught = ContentOf<"caught">;

export function* performTry(execution: Execution): Routine<TaskResult> {
  const { run, site } = execution;
  let since: number | undefined;
  for (let attempt = 1; ; attempt++) {
    const key = numbered(site.key, "attempt", attempt);
    let caught = run.find("caught", key);
    if (caught === undefined) {
      const end = yield* attempted(execution, key);
      if (!(end instanceof RaisedFault)) return end;
      caught = decided(execution, end, attempt, since ?? run.elapsed);
      run.record(key, caught);
    }
    if (caught.retryAt === null) return yield* handled(execution, caught);
    since = caught.since;
    yield* sleepUntil(run, caught.retryAt);
    run.note({ of: "task", status: "retried", task: site.pointer });
  }
}

/** One attempt: its result, or the fault that it ended with. */
function* attempted(execution: Execution, key: string): Routine<TaskResult | RaisedFault> {
  try {
    const tasks = execution.list({ path: "try", key, input: execution.input });
    const limit = attemptLimit(execution, retryPolicyOf(execution));
    if (limit === undefined) return yield* tasks;
    const result = yield* within(
      execution.run,
      execution.due("limit", () => limit, key),
      tasks,
    );
    return (
      result ?? standardFault("timeout", `An attempt took longer than ${limit} s`, execution.site.pointer)
    );
  } catch (thrown) {
    if (thrown instanceof RaisedFault) return thrown;
    throw thrown;
  }
}

/** What to do about `raised`; raises it on where it is not caught, or retrying is over and nothing handles it. */
function decided(execution: Execution, raised: RaisedFault, attempt: number, since: number): Caught {
  const { fault } = raised;
  if (!catches(execution, fault)) throw raised;
  const policy = retryPolicyOf(execution);
  const retryAt = policy === undefined ? undefined : retryTime(execution, policy, { fault, attempt, since });
  if (policy !== undefined && retryAt === undefined && execution.property("catch", "do") === undefined)
    throw raised;
  return { kind: "caught", fault: { ...fault }, since, retryAt: retryAt ?? null };
}

/** The tasks of `catch.do`; without any, the output is the task's input. */
function* handled(execution: Execution, caught: Caught): Routine<TaskResult> {
  const input = execution.input;
  if (execution.property("catch", "do") === undefined) return { output: input };
  const variables = { [errorVariable(execution)]: caught.fault };
  return yield* execution.list({ path: "catch/do", input, variables });
}
