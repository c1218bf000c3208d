/**
 * An error of a workflow, as the DSL describes it: RFC 7807 problem details.
 */
export interface WorkflowFault {
  /** URI of the kind of error; the DSL's own under `https://serverlessworkflow.io/spec/1.0.0/errors/`. */
  readonly type: string;
  /** In the sense of HTTP. */
  readonly status: number;
  /** JSON pointer of the task that it came from. */
  readonly instance?: string;
  readonly title?: string;
  readonly detail?: string;
}
