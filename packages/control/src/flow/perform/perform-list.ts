/**
 * Performs a list of tasks: one after the other, or as their flow directives say.
 */
import { type NamedTask, namedTask } from "../data/named-task.ts";
import type { Json } from "../json.ts";
import { standardFault } from "../raised-fault.ts";
import { keyPart, numbered, pointerPart } from "../run/execution-key.ts";
import type { Run } from "../run/run.ts";
import type { Routine } from "../run/wait.ts";
import { performTask } from "./perform-task.ts";
import type { ListResult, ListSite, Subtasks, TaskSite } from "./task.ts";

const subtasks: Subtasks = {
  list: performList,
  single: (run, site, input) => performTask(run, site, input, subtasks),
};

export function* performList(run: Run, list: ListSite, input: Json): Routine<ListResult> {
  const tasks = list.items.map(namedTask);
  const visits = new Map<number, number>();
  let output = input;
  let index = 0;
  for (let task = tasks[0]; task !== undefined; task = tasks[index]) {
    const visit = (visits.get(index) ?? 0) + 1;
    visits.set(index, visit);
    const site = siteOf(task, list, index, visit);
    const passage = yield* performTask(run, site, output, subtasks);
    output = passage.output;
    if (passage.then === "end") return { output, hasEnded: true };
    if (passage.then === "exit") break;
    index = passage.then === "continue" ? index + 1 : indexNamed(passage.then, tasks, site);
  }
  return { output, hasEnded: false };
}

function siteOf(task: NamedTask, list: ListSite, index: number, visit: number): TaskSite {
  const key = `${list.key}/${index}/${keyPart(task.name)}`;
  return {
    ...task,
    pointer: `${list.pointer}/${index}/${pointerPart(task.name)}`,
    key: visit === 1 ? key : numbered(key, "visit", visit),
    variables: list.variables,
    depth: list.depth,
  };
}

function indexNamed(name: string, tasks: readonly NamedTask[], from: TaskSite): number {
  const index = tasks.findIndex((task) => task.name === name);
  if (index !== -1) return index;
  throw standardFault(
    "configuration",
    `"then" of ${JSON.stringify(from.name)} names ${JSON.stringify(name)}, which is no task beside it; ` +
      `there are ${tasks.map((task) => task.name).join(", ")}`,
    from.pointer,
  );
}
