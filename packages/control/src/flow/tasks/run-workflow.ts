/**
 * The run task, for workflows: another workflow as a step of this one. Other processes are functions here.
 */
import { member, textIn } from "../data/json-value.ts";
import { standardFault } from "../raised-fault.ts";
import type { Routine } from "../run/wait.ts";
import { askFor } from "../run/waits.ts";
import type { Execution } from "../perform/execution.ts";
import type { TaskResult } from "../perform/task.ts";

export function* performRunWorkflow(execution: Execution): Routine<TaskResult> {
  const declared = execution.property("run", "workflow");
  const namespace = textIn(declared, "namespace");
  const name = textIn(declared, "name");
  if (namespace === undefined || name === undefined)
    throw standardFault(
      "configuration",
      "The run task names no workflow; scripts, shell commands and containers are to be deployed as functions",
    );
  const version = textIn(declared, "version");
  const { run, site } = execution;
  const input = execution.resolve(member(declared, "input") ?? {});
  const wait = execution.property("run", "await") !== false;
  const output = yield* askFor(run, (step) => ({
    kind: "run-workflow",
    run: run.id,
    step,
    task: site.pointer,
    execution: site.key,
    workflow: { namespace, name, version: version === "latest" ? undefined : version },
    input,
    wait,
  }));
  return { output: wait ? output : execution.input };
}
