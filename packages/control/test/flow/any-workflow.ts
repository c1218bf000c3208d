/**
 * Any workflow, for properties: tasks of all kinds within each other, whose output does not depend on how long anything takes.
 */
import fc from "fast-check";
import type { Json, TaskItem, WorkflowDefinition } from "../../src/index.ts";
import { type Answer, failure, type StepCommand, success, workflow } from "./flow-shell.ts";

type Task = TaskItem[string];

const add = (word: string): Task => ({ set: { words: `\${ [.words, "${word}"] }` } });
const call = (fn: string): Task => ({ call: fn, with: { words: "${ .words }", context: "${ $context.n }" } });

const leaf: fc.Arbitrary<Task> = fc.oneof(
  fc.constantFrom("a", "b").map(add),
  fc.constantFrom("f", "g", "flaky").map(call),
  fc.constant({ call: "own", with: { words: "${ .words }" } }),
  fc.constant({ ...(call("f") as object), export: { as: "{ n: .words }" } }),
  fc.constant({ ...(call("g") as object), if: '.words == "x"' }),
  fc.integer({ min: 0, max: 3 }).map((duration) => ({ wait: { seconds: duration } })),
  fc.constant({
    emit: { event: { with: { source: "urn:x", type: "said", data: "${ .words }" } } },
    output: { as: "{ words: .data }" },
  }),
  fc.constant({ run: { workflow: { namespace: "x", name: "y", version: "1.0.0", input: "${ . }" } } }),
  fc.constant({ ...(add("out") as object), then: "exit" }),
);

const lists = fc.letrec<{ task: Task; list: readonly TaskItem[] }>((tie) => ({
  list: fc
    .array(tie("task"), { minLength: 1, maxLength: 3 })
    .map((tasks) => tasks.map((task, i) => ({ [`t${i}`]: task }))),
  task: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    tie("list").map((list) => ({ do: list, output: { as: "{ words: [.words] }" } })),
    tie("list").map((list) => ({ for: { each: "w", in: "[1, 2]" }, do: list })),
    fc.array(tie("list"), { minLength: 1, maxLength: 3 }).map((branches) => ({
      fork: { branches: branches.map((list, i) => ({ [`b${i}`]: { do: list } })) },
      output: { as: "{ words: . }" },
    })),
    fc.constant({
      fork: { compete: true, branches: [{ slow: call("slow") }, { quick: call("f") }] },
    }),
    fc.tuple(tie("list"), tie("list"), fc.boolean()).map(([list, handler, retries]) => ({
      try: list,
      catch: {
        as: "e",
        do: handler,
        ...(retries ? { retry: { delay: "PT2S", limit: { attempt: { count: 1 } } } } : {}),
      },
    })),
    tie("list").map((list) => ({
      ...(add("round") as object),
      do: list,
    })),
  ),
}));

export const anyWorkflow: fc.Arbitrary<WorkflowDefinition> = lists.list.map((list) =>
  workflow(list, { use: { functions: { own: { do: [{ inner: call("g") }] } } } }),
);

/** Answers that depend on the execution alone: `flaky` fails in every first attempt of a try task. */
export function answerOf(step: StepCommand): Answer {
  if (step.kind !== "invoke") return success(step.kind === "run-workflow" ? step.input : null, 0.5);
  const words = { words: [step.function, (step.payload as { readonly words?: Json }).words ?? null] };
  if (step.function === "slow") return success(words, 50);
  if (step.function === "flaky" && /#a1\/[^#]*$/.test(step.execution))
    return failure({ type: "urn:flaky", status: 503 }, 0.5);
  return success(words, step.function === "f" ? 1 : 1.5);
}
