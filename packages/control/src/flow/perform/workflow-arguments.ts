/**
 * What every expression of a run can name, whatever the task.
 */
import { dateTimeDescriptor } from "../data/date-time.ts";
import type { Arguments } from "../data/evaluator.ts";
import type { Run } from "../run/run.ts";

export const workflowArguments = (run: Run): Arguments => ({
  secrets: () => ({}),
  runtime: () => ({ ...run.engine.options.runtime, metadata: {} }),
  workflow: () => ({
    id: run.id,
    definition: run.definition,
    input: run.input,
    startedAt: dateTimeDescriptor(run.startedAt),
  }),
});
