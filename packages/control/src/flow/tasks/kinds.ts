/**
 * The kinds of tasks, by the property that a task of the kind has. `do` comes last: other kinds have one beside their own.
 */
import { standardFault } from "../raised-fault.ts";
import { performCall } from "./call/call.ts";
import { performDo } from "./do.ts";
import { performEmit } from "./events/emit.ts";
import { performListen } from "./events/listen.ts";
import { performFor } from "./for.ts";
import { performFork } from "./fork.ts";
import { performRaise } from "./raise.ts";
import { performRunWorkflow } from "./run-workflow.ts";
import { performSet } from "./set.ts";
import { performSwitch } from "./switch.ts";
import type { TaskKind } from "../perform/task-kind.ts";
import type { TaskSite } from "../perform/task.ts";
import { performTry } from "./try/try.ts";
import { performWait } from "./wait.ts";

const kinds: Readonly<Record<string, TaskKind>> = {
  call: { kind: "lasting", perform: performCall },
  emit: { kind: "lasting", perform: performEmit },
  for: { kind: "lasting", perform: performFor },
  fork: { kind: "lasting", perform: performFork },
  listen: { kind: "lasting", perform: performListen },
  raise: { kind: "instant", perform: performRaise },
  run: { kind: "lasting", perform: performRunWorkflow },
  set: { kind: "instant", perform: performSet },
  switch: { kind: "instant", perform: performSwitch },
  try: { kind: "lasting", perform: performTry },
  wait: { kind: "lasting", perform: performWait },
  do: { kind: "lasting", perform: performDo },
};

export function kindOf(site: TaskSite): TaskKind {
  const property = Object.keys(kinds).find((name) => Object.hasOwn(site.definition, name));
  const kind = property === undefined ? undefined : kinds[property];
  if (kind !== undefined) return kind;
  throw standardFault(
    "configuration",
    `The task ${JSON.stringify(site.name)} is of no known kind; it has none of ${Object.keys(kinds).join(", ")}`,
  );
}
