/**
 * A row of the table of runs as a run.
 */
import type { Json, WorkflowFault } from "@frugal/control";
import { type EnergyReading, runId, seconds, workflowName } from "@frugal/core";
import { type Run, runStatuses, type RunSummary } from "./run.ts";

export type Row = Readonly<Record<string, unknown>>;

/** Of a run that ended before anything was written of its energy. */
const unknownEnergy: EnergyReading = { kind: "unavailable", reason: "nothing was written of it" };

/** Columns that make a summary. */
export const summaryColumns =
  "id, workflow, definition, version, is_durable, parent, parent_execution, is_awaited, status, deadline, started_at, ended_at, fault, energy";

export function runOf(row: Row): Run {
  const summary = summaryOf(row);
  const { ending } = summary;
  return {
    ...summary,
    input: JSON.parse(String(row["input"])) as Json,
    ending:
      ending === undefined ? undefined : { ...ending, output: jsonOf(row["output"]) as Json | undefined },
  };
}

export function summaryOf(row: Row): RunSummary {
  const parent = textOf(row["parent"]);
  return {
    id: runId(String(row["id"])),
    workflow: workflowName(String(row["workflow"])),
    definition: Number(row["definition"]),
    version: String(row["version"]),
    isDurable: row["is_durable"] === 1,
    parent:
      parent === undefined
        ? undefined
        : {
            run: runId(parent),
            execution: String(row["parent_execution"]),
            isAwaited: row["is_awaited"] === 1,
          },
    deadline: typeof row["deadline"] === "number" ? seconds(row["deadline"]) : undefined,
    startedAt: seconds(Number(row["started_at"])),
    ending: endingOf(row),
  };
}

function endingOf(row: Row): RunSummary["ending"] {
  const status = runStatuses.find((known) => known === row["status"]) ?? "faulted";
  if (status === "running") return undefined;
  return {
    status,
    endedAt: seconds(Number(row["ended_at"])),
    fault: jsonOf(row["fault"]) as WorkflowFault | undefined,
    energy: (jsonOf(row["energy"]) as EnergyReading | undefined) ?? unknownEnergy,
  };
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** What a column of JSON holds; this store wrote it itself. */
const jsonOf = (text: unknown): unknown => (typeof text === "string" ? JSON.parse(text) : undefined);
