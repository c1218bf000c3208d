/**
 * What performing tasks means to those who perform them. A kind of task is a file of `tasks/` and an entry in its `kinds.ts`.
 */
import type { JsonObject } from "../data/json-value.ts";
import type { Json } from "../json.ts";
import type { Run } from "../run/run.ts";
import type { Routine } from "../run/wait.ts";

/** A task where it stands, in one execution. */
export interface TaskSite {
  readonly name: string;
  /** In the definition. */
  readonly pointer: string;
  /** Of this execution: see `run/execution-key.ts`. */
  readonly key: string;
  readonly definition: JsonObject;
  /** What surrounding tasks let expressions name: a loop's item, an error that was caught. */
  readonly variables: JsonObject;
  /** How many tasks surround it. */
  readonly depth: number;
  /** It stands in the place of the call that led to it, which is what is told about. */
  readonly isUntold?: boolean;
}

/** A list of tasks where it stands: like a task without a name. */
export interface ListSite {
  readonly pointer: string;
  readonly key: string;
  readonly items: readonly Json[];
  readonly variables: JsonObject;
  readonly depth: number;
}

/** What comes of the work of a task, before its output is transformed. */
export interface TaskResult {
  readonly output: Json;
  /** Where the task says to go on, other than by its own `then`. */
  readonly then?: string | undefined;
  /** A task inside has ended the workflow: the output is the workflow's, and nothing around transforms it. */
  readonly hasEnded?: boolean | undefined;
}

/** What a task leaves for the next: its transformed output, and where to go on (a flow directive). */
export interface Passage {
  readonly output: Json;
  readonly then: string;
}

/** What comes of a list of tasks. */
export interface ListResult {
  readonly output: Json;
  readonly hasEnded: boolean;
}

/** How tasks perform the tasks inside them. */
export interface Subtasks {
  list(run: Run, site: ListSite, input: Json): Routine<ListResult>;
  single(run: Run, site: TaskSite, input: Json): Routine<Passage>;
}
