/**
 * What happens to a run and its tasks as CloudEvents, in the types and words of the DSL's specification (lifecycle events).
 */
import { randomUUID } from "node:crypto";
import type { CloudEvent, Json, LifecycleNote, WorkflowFault } from "@frugal/control";
import type { Seconds } from "@frugal/core";
import type { RunBeginning, RunEnding } from "../store/run.ts";

const prefix = "io.serverlessworkflow";

export const instant = (time: Seconds): string => new Date(time * 1000).toISOString();

/** The name of a run in the specification's form. */
const qualifiedName = ({ workflow, id }: RunBeginning): string => {
  const [namespace = "", name = ""] = workflow.split("/");
  return `${name}-${id}.${namespace}`;
};

export function eventOfNote(run: RunBeginning, note: LifecycleNote, now: Seconds): CloudEvent {
  const time = instant(now);
  const fault = note.status === "faulted" ? { error: faultJson(note.fault) } : {};
  if (note.of === "task")
    return eventOf(run, `task.${note.status}`, time, {
      workflow: qualifiedName(run),
      task: note.task,
      [`${note.status}At`]: time,
      ...fault,
    });
  const [namespace = "", name = ""] = run.workflow.split("/");
  const definition =
    note.status === "started" ? { definition: { namespace, name, version: run.version } } : {};
  return eventOf(run, `workflow.${note.status}`, time, {
    name: qualifiedName(run),
    ...definition,
    [`${note.status}At`]: time,
    ...fault,
  });
}

/** The last event of a run, with what it gave, and what it took in time and energy. */
export function eventOfEnding(
  run: RunBeginning,
  { status, endedAt, output, fault, energy }: RunEnding,
): CloudEvent {
  const time = instant(endedAt);
  return eventOf(run, `workflow.${status}`, time, {
    name: qualifiedName(run),
    [`${status}At`]: time,
    ...(output === undefined ? {} : { output }),
    ...(fault === undefined ? {} : { error: faultJson(fault) }),
    latencySeconds: endedAt - run.startedAt,
    energy:
      energy.kind === "energy"
        ? { joules: energy.joules, source: energy.source, quality: energy.quality }
        : { unavailable: energy.reason },
  });
}

const eventOf = (run: RunBeginning, type: string, time: string, data: Json): CloudEvent => ({
  specversion: "1.0",
  id: randomUUID(),
  source: `/v1/runs/${run.id}`,
  type: `${prefix}.${type}.v1`,
  time,
  subject: run.workflow,
  datacontenttype: "application/json",
  data,
});

const faultJson = ({ type, status, instance, title, detail }: WorkflowFault): Json => ({
  type,
  status,
  ...(instance === undefined ? {} : { instance }),
  ...(title === undefined ? {} : { title }),
  ...(detail === undefined ? {} : { detail }),
});
