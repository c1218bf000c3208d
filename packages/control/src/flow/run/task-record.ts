/**
 * What a durable run keeps, one record each. Together with definition and input they are all that is needed to take the run
 * up again: it is walked anew, and what has a record is not done, asked, drawn or evaluated again.
 */
import type { Json } from "../json.ts";
import type { CloudEvent } from "../step.ts";

/** Times are in seconds since the start of the run, by the wall clock: they mean the same in a later process. */
export type RecordContent =
  /** The run was begun, or taken up again; each life numbers its steps apart. */
  | { readonly kind: "life" }
  /** The task is finished. */
  | {
      readonly kind: "done";
      readonly output: Json;
      /** Where it goes on, unless with the next one. */
      readonly then?: string;
      /** The workflow's context, where the task changed it. */
      readonly context?: Json;
    }
  /** The task's condition did not hold. */
  | { readonly kind: "skipped" }
  /** The value of an expression that may have another one when it is evaluated again. */
  | { readonly kind: "kept"; readonly value: Json }
  /** A wait is over, or a timeout strikes, then. */
  | { readonly kind: "due" | "limit"; readonly at: number }
  /** An attempt of a try task faulted, and the fault was caught. */
  | {
      readonly kind: "caught";
      readonly fault: Readonly<Record<string, Json>>;
      /** When the first attempt faulted. */
      readonly since: number;
      /** When the next attempt begins; null: the fault is handled. */
      readonly retryAt: number | null;
    }
  /** The event that is emitted, possibly more than once, always the same. */
  | { readonly kind: "emitted"; readonly event: CloudEvent }
  /** A listening task has consumed an event. */
  | {
      readonly kind: "consumed";
      readonly event: CloudEvent;
      /** Which filter it fits, of those that the task listens to or of those that end the listening. */
      readonly filter: number;
      readonly isOfUntil: boolean;
      readonly correlations: Readonly<Record<string, Json>>;
    };

export type RecordKind = RecordContent["kind"];
/** The content of records of one kind. */
export type ContentOf<Kind extends RecordKind> = Extract<RecordContent, { readonly kind: Kind }>;
