/**
 * Steps of a run: what the engine asks of the shell, what is stored of it, and what is told about it.
 */
import type { WorkflowFault } from "./fault.ts";
import type { Json } from "./json.ts";

/** Numbered by the engine within a run; never used twice, also after a run was taken up again. */
export type StepNumber = number & { readonly __step: never };

/**
 * A fact that a run must not lose. `key` names the execution of a task: its JSON pointer with the numbers of the iterations and
 * attempts around it. The engine makes and reads `content`; to the shell it is opaque.
 */
export interface StepRecord {
  readonly key: string;
  readonly content: Json;
}

/** CloudEvents 1.0, JSON format. */
export interface CloudEvent {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time?: string;
  readonly subject?: string;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  readonly data?: Json;
  readonly [extension: string]: Json;
}

export interface HttpCall {
  readonly method: string;
  /** Complete, with the query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: no body. A string is sent as it is, anything else as JSON. */
  readonly body: Json | undefined;
  /** What the step's output is: the body (parsed where it is JSON), its bytes as Base64, or status, headers and body. */
  readonly output: "content" | "raw" | "response";
  /** Whether redirects are followed, and a status of 300 to 399 is no fault; else it is one. */
  readonly redirect: boolean;
}

export interface WorkflowReference {
  readonly namespace: string;
  readonly name: string;
  /** Undefined: the latest. */
  readonly version: string | undefined;
}

/** Statuses of the DSL's lifecycle events: `io.serverlessworkflow.workflow.<status>.v1` and `...task.<status>.v1`. */
export type LifecycleNote =
  | {
      readonly of: "workflow";
      readonly status: "started" | "suspended" | "resumed" | "cancelled" | "completed";
    }
  | { readonly of: "workflow"; readonly status: "faulted"; readonly fault: WorkflowFault }
  | {
      readonly of: "task";
      readonly status:
        "created" | "started" | "retried" | "suspended" | "resumed" | "cancelled" | "completed";
      readonly task: string;
    }
  | { readonly of: "task"; readonly status: "faulted"; readonly task: string; readonly fault: WorkflowFault };
