/**
 * What went wrong with a step outside the workflow, as an error of the DSL that the workflow may catch.
 */
import type { WorkflowFault } from "@frugal/control";
import type { ErrorCode, ErrorReport } from "@frugal/core";

const standard = "https://serverlessworkflow.io/spec/1.0.0/errors/";

type Kind = "configuration" | "timeout" | "communication" | "runtime";

export const faultOf = (kind: Kind, status: number, title: string, detail: string): WorkflowFault => ({
  type: `${standard}${kind}`,
  status,
  title,
  detail,
});

/** Errors of the platform that are not simply the function's. */
const kinds: Readonly<Partial<Record<ErrorCode, readonly [Kind, number]>>> = {
  "function-not-found": ["configuration", 404],
  "workflow-not-found": ["configuration", 404],
  "function-too-large": ["configuration", 400],
  "payload-too-large": ["runtime", 413],
  "function-timeout": ["timeout", 408],
  "init-timeout": ["timeout", 408],
  "queue-timeout": ["communication", 429],
  overloaded: ["communication", 429],
  "storage-failed": ["communication", 507],
};

export function faultOfReport({ code, message, details = {} }: ErrorReport): WorkflowFault {
  const [kind, status] = kinds[code] ?? ["runtime", 500];
  const { errorType, errorMessage } = details;
  // What the function's runtime said of itself before it ended.
  if (typeof errorType === "string" && typeof errorMessage === "string")
    return faultOf(kind, status, errorType, errorMessage);
  return faultOf(kind, status, code, message);
}
