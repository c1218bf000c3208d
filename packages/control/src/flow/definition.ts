/**
 * A workflow's definition: the document of the Serverless Workflow DSL 1.0 as JSON, checked by whoever hands it to the engine
 * (the official SDK knows its schema).
 */
import type { Json } from "./json.ts";

export interface WorkflowDefinition {
  readonly document: {
    readonly dsl: string;
    readonly namespace: string;
    readonly name: string;
    readonly version: string;
    readonly [property: string]: Json;
  };
  readonly do: readonly TaskItem[];
  readonly [property: string]: Json;
}

/** One entry of a list of tasks: an object with one key, the task's name. */
export type TaskItem = Readonly<Record<string, Json>>;
