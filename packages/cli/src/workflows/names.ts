/**
 * Names of workflows and runs as users give them.
 */
import { FrugalError, parseWorkflowName, type RunId, runId, type WorkflowName } from "@frugal/core";

const DEFAULT_NAMESPACE = "default";

/** `NAMESPACE/NAME`, or `NAME` in the default namespace. Throws `invalid-request`. */
export function givenWorkflow(text: string): WorkflowName {
  const name = parseWorkflowName(text.includes("/") ? text : `${DEFAULT_NAMESPACE}/${text}`);
  if (name !== undefined) return name;
  throw new FrugalError(
    "invalid-request",
    `${JSON.stringify(text)} is no workflow's name\nWrite NAMESPACE/NAME, or NAME for one in ${DEFAULT_NAMESPACE}: small letters, digits and "-"`,
    { details: { given: text } },
  );
}

/** `text` as a run's id, or undefined where it cannot be one: ids are UUIDs, in their usual form. */
export const parseRunId = (text: string): RunId | undefined =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? runId(text.toLowerCase()) : undefined;

/** Throws `invalid-request`. */
export function givenRun(text: string): RunId {
  const id = parseRunId(text);
  if (id !== undefined) return id;
  throw new FrugalError(
    "invalid-request",
    `${JSON.stringify(text)} is no run's id\nSee them: frugal workflow list --runs`,
    { details: { given: text } },
  );
}
