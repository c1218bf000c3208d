/**
 * Flow directives (`then`) that lead nowhere: runs would fault with them, some of them rarely.
 */
import { allTasksOf, isObject, type PlacedTask, valueAt } from "./walk-tasks.ts";

const directives: ReadonlySet<string> = new Set(["continue", "exit", "end"]);

/** One line for each `then` that names no task beside its own. */
export function flowProblems(definition: unknown): readonly string[] {
  const tasks = [...allTasksOf(definition)].filter(isInSequence);
  const names = new Map<string, string[]>();
  for (const { pointer } of tasks) {
    const list = names.get(listOf(pointer)) ?? [];
    list.push(nameOf(pointer));
    names.set(listOf(pointer), list);
  }
  return tasks.flatMap((placed) => {
    const beside = names.get(listOf(placed.pointer)) ?? [];
    return thensOf(placed)
      .filter(({ then }) => !directives.has(then) && !beside.includes(then))
      .map(
        ({ pointer, then }) =>
          `${pointer}/then: no task beside this one is named ${JSON.stringify(then)}; there are ${beside.join(", ")}`,
      );
  });
}

/** Branches and functions have nothing beside them where they could go on. */
const isInSequence = ({ pointer }: PlacedTask): boolean =>
  !pointer.startsWith("/use/") && !listOf(pointer).endsWith("/fork/branches");

/** What a task says of where to go on: itself, or by its cases. */
function thensOf({ pointer, task }: PlacedTask): readonly { pointer: string; then: string }[] {
  const own = task["then"];
  const cases = Array.isArray(task["switch"]) ? task["switch"] : [];
  return [
    ...(typeof own === "string" ? [{ pointer, then: own }] : []),
    ...cases.flatMap((item: unknown, i) =>
      Object.entries(isObject(item) ? item : {}).flatMap(([name, body]) => {
        const then = valueAt(body, ["then"]);
        return typeof then === "string" ? [{ pointer: `${pointer}/switch/${i}/${name}`, then }] : [];
      }),
    ),
  ];
}

/** Without the task's index and name. */
const listOf = (pointer: string): string => pointer.split("/").slice(0, -2).join("/");

const nameOf = (pointer: string): string =>
  pointer
    .slice(pointer.lastIndexOf("/") + 1)
    .replaceAll("~1", "/")
    .replaceAll("~0", "~");
