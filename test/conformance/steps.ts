/**
 * The vocabulary of the specification's conformance test kit, and one step of ours: that a workflow is refused.
 */
import { expect } from "vitest";
import { parse } from "yaml";
import type { ConformancePlatform, Execution } from "./conformance-platform.ts";
import type { Scenario, Step } from "./feature-file.ts";

type Run = Execution & { readonly kind: "run" };

/** What a scenario has said and done so far. */
interface World {
  readonly platform: ConformancePlatform;
  definition: string | undefined;
  input: unknown;
  execution: Execution | undefined;
}

type Action = (world: World, document: string, words: readonly string[]) => Promise<void> | void;

/** Steps in the order in which they are tried; each must be the whole text. */
const vocabulary: readonly (readonly [RegExp, Action])[] = [
  [/a workflow with definition:/, (world, document) => void (world.definition = document)],
  [/given the workflow input is:/, (world, document) => void (world.input = parse(document) ?? {})],
  [/the workflow is executed/, execute],
  [/the workflow should be refused because of (.+)/, refused],
  [/the workflow should (complete|fault|cancel)/, (world, _, [verb]) => void ended(world, verb)],
  [
    /the workflow should complete with output:/,
    (world, document) => {
      expect(ended(world, "complete").output).toEqual(parse(document));
    },
  ],
  [
    /the workflow should fault with error:/,
    (world, document) => {
      expect(ended(world, "fault").fault).toMatchObject(objectIn(document));
    },
  ],
  [
    /the workflow output should have properties (.+)/,
    (world, _, [list = ""]) => {
      for (const [, path = ""] of list.matchAll(/'([^']+)'/g))
        expect(propertyOf(world, path), path).toBeDefined();
    },
  ],
  [
    /the workflow output should have a '([^']+)' property with value:/,
    (world, document, [path = ""]) => {
      expect(propertyOf(world, path), path).toEqual(parse(document));
    },
  ],
  [
    /the workflow output should have a '([^']+)' property with value '([^']*)'/,
    (world, _, [path = "", value]) => {
      expect(propertyOf(world, path), path).toEqual(value);
    },
  ],
  [
    /the workflow output should have a '([^']+)' property containing (\d+) items/,
    (world, _, [path = "", count]) => {
      expect(propertyOf(world, path), path).toHaveLength(Number(count));
    },
  ],
  [
    /(\S+) should run first/,
    (world, _, [task]) => {
      expect(started(world)[0]).toBe(task);
    },
  ],
  [
    /(\S+) should run last/,
    (world, _, [task]) => {
      expect(started(world).at(-1)).toBe(task);
    },
  ],
  [
    /(\S+) should run before (\S+)/,
    (world, _, [first = "", then = ""]) => {
      inOrder(world, first, then);
    },
  ],
  [
    /(\S+) should run after (\S+)/,
    (world, _, [then = "", first = ""]) => {
      inOrder(world, first, then);
    },
  ],
  [/(\S+) should (complete|fault|cancel)/, (world, _, [task = "", verb]) => void taskEnd(world, task, verb)],
  [
    /(\S+) should complete with output:/,
    (world, document, [task = ""]) => {
      expect(taskEnd(world, task, "complete")["output"]).toEqual(parse(document));
    },
  ],
  [
    /(\S+) should fault with error:/,
    (world, document, [task = ""]) => {
      expect(taskEnd(world, task, "fault")["error"]).toMatchObject(objectIn(document));
    },
  ],
];

export async function runScenario({ steps }: Scenario, platform: ConformancePlatform): Promise<void> {
  const world: World = { platform, definition: undefined, input: {}, execution: undefined };
  for (const step of steps) await perform(step, world);
}

async function perform({ text, document = "" }: Step, world: World): Promise<void> {
  for (const [pattern, action] of vocabulary) {
    const words = new RegExp(`^${pattern.source}$`).exec(text);
    if (words !== null) return action(world, document, words.slice(1));
  }
  throw new Error(`No step is known that says: ${text}`);
}

async function execute(world: World): Promise<void> {
  world.execution = await world.platform.execute(world.definition ?? "", world.input);
}

function refused({ execution }: World, _: string, [place = ""]: readonly string[]): void {
  expect(execution?.kind).toBe("refused");
  if (execution?.kind === "refused") expect(execution.message).toContain(place);
}

const statuses: Readonly<Record<string, string>> = {
  complete: "completed",
  fault: "faulted",
  cancel: "cancelled",
};

function run({ execution }: World): Run {
  if (execution?.kind === "run") return execution;
  throw new Error(`The workflow did not run: ${execution?.message ?? "it was not executed"}`);
}

function ended(world: World, verb = ""): Run {
  const execution = run(world);
  expect(execution.status, JSON.stringify(execution.fault)).toBe(statuses[verb]);
  return execution;
}

const propertyOf = (world: World, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>(
      (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
      ended(world, "complete").output,
    );

/** A task by the last part of its pointer. */
const nameOf = (task: unknown): string => String(task).split("/").at(-1) ?? "";

/** Names of tasks in the order in which they started. */
const started = (world: World): readonly string[] =>
  run(world)
    .events.filter(({ type }) => type === "task.started")
    .map(({ data }) => nameOf(data["task"]));

function inOrder(world: World, first: string, then: string): void {
  const names = started(world);
  expect(names).toContain(first);
  expect(names).toContain(then);
  expect(names.indexOf(first)).toBeLessThan(names.indexOf(then));
}

function taskEnd(world: World, task: string, verb = ""): Readonly<Record<string, unknown>> {
  const ends = run(world).events.filter(
    ({ type, data }) => nameOf(data["task"]) === task && type === `task.${statuses[verb] ?? ""}`,
  );
  expect(ends, `${task} should ${verb}`).not.toEqual([]);
  return ends.at(-1)?.data ?? {};
}

const objectIn = (document: string): object => parse(document) as object;
