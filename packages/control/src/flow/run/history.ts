/**
 * The records of a run's earlier lives, by what they tell of.
 */
import type { Json } from "../json.ts";
import type { StepRecord } from "../step.ts";
import type { ContentOf, RecordContent, RecordKind } from "./task-record.ts";

export class History {
  readonly #contents = new Map<string, RecordContent>();
  /** How often the run was begun or taken up. */
  readonly lives: number = 0;
  /** The workflow's context as it was left; undefined where no task changed it. */
  readonly context: Json | undefined;

  constructor(records: readonly StepRecord[]) {
    for (const { key, content: json } of records) {
      const content = json as RecordContent; // written by this engine
      if (content.kind === "life") this.lives++;
      if (content.kind === "done" && content.context !== undefined) this.context = content.context;
      this.#contents.set(nameOf(content.kind, key), content);
    }
  }

  find<Kind extends RecordKind>(kind: Kind, key: string): ContentOf<Kind> | undefined {
    return this.#contents.get(nameOf(kind, key)) as ContentOf<Kind> | undefined;
  }
}

/** Kinds have no space in them. */
const nameOf = (kind: RecordKind, key: string): string => `${kind} ${key}`;
