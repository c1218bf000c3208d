/**
 * A fault on its way up through a run: thrown where it arises, caught by a try task or the end of the run.
 */
import type { WorkflowFault } from "./fault.ts";

export class RaisedFault extends Error {
  override readonly name = "RaisedFault";
  readonly fault: WorkflowFault;

  constructor(fault: WorkflowFault) {
    super(fault.detail ?? fault.title ?? fault.type);
    this.fault = fault;
  }
}

/** Where the DSL keeps its own types of errors. */
const standardErrors = "https://serverlessworkflow.io/spec/1.0.0/errors/";
/** Where drafts of the DSL, and definitions written for them, keep the same types. */
const draftErrors = /^https:\/\/serverlessworkflow\.io\/dsl\/errors\/types\//;

const standards = {
  configuration: { status: 400, title: "Configuration error" },
  validation: { status: 400, title: "Validation error" },
  expression: { status: 400, title: "Expression error" },
  timeout: { status: 408, title: "Timeout" },
  runtime: { status: 500, title: "Runtime error" },
} as const;

type StandardError = keyof typeof standards;

/** A fault of one of the DSL's own types; without `instance`, whatever task it arises in fills that in. */
export const standardFault = (kind: StandardError, detail: string, instance?: string): RaisedFault =>
  new RaisedFault({
    type: `${standardErrors}${kind}`,
    ...standards[kind],
    detail,
    ...(instance === undefined ? {} : { instance }),
  });

/** The type of an error as the current DSL writes it. */
export const currentErrorType = (type: string): string => type.replace(draftErrors, standardErrors);
