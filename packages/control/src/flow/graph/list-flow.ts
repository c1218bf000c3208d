/**
 * The ways through a list of tasks: which task can follow which, by order and by flow directives.
 *
 * Ways back are found depth first and taken out; the tasks between where one leads and where it comes from are a loop.
 */
import { type JsonObject, listIn, member, textIn } from "../data/json-value.ts";
import { type NamedTask, namedTask } from "../data/named-task.ts";
import type { Json } from "../json.ts";

/** Behind the last task of a list, or out of the workflow. */
type Destination = number | "exit" | "end";

interface Way {
  readonly to: Destination;
  /** Share of the passages through the task that leave it this way, as long as nothing else is known. */
  readonly share: number;
}

interface ListFlow {
  readonly tasks: readonly NamedTask[];
  /** Indexes of the tasks that can be reached, each before those it leads to. */
  readonly order: readonly number[];
  /** Per task, the ways on. */
  readonly ways: readonly (readonly Way[])[];
  /** Per task, how many loops of the list it is in. */
  readonly loops: readonly number[];
}

/** The share of a task with a condition that is executed, as long as nothing else is known. */
export const conditionShare = 0.5;

export function listFlow(items: readonly Json[]): ListFlow {
  const tasks = items.map(namedTask);
  const all = tasks.map((task, i) => waysFrom(task, i, tasks));
  const { order, backs } = walked(all);
  const ways = all.map((from, i) => normalised(from.filter(({ to }) => !isBack(backs, i, to))));
  const loops = tasks.map((_, i) => backs.filter((back) => isBetween(ways, back, i)).length);
  return { tasks, order, ways, loops };
}

type Back = readonly [from: number, to: number];

const isBack = (backs: readonly Back[], from: number, to: Destination): boolean =>
  backs.some((back) => back[0] === from && back[1] === to);

function waysFrom(task: NamedTask, index: number, tasks: readonly NamedTask[]): readonly Way[] {
  const { definition } = task;
  const taken = takenFrom(definition, (then) => destination(then, index, tasks));
  if (member(definition, "if") === undefined) return merged(taken);
  return merged([
    ...taken.map(({ to, share }) => ({ to, share: share * conditionShare })),
    { to: destination("continue", index, tasks), share: 1 - conditionShare },
  ]);
}

/** The ways on from a task that is executed. The cases of a switch are equally likely. */
function takenFrom(
  definition: JsonObject,
  destinationOf: (then: string | undefined) => Destination,
): readonly Way[] {
  const own = textIn(definition, "then");
  if (member(definition, "switch") === undefined) return [{ to: destinationOf(own), share: 1 }];
  const cases = listIn(definition, "switch").map((item) => namedTask(item).definition);
  const directives = cases.map((candidate) => textIn(candidate, "then") ?? own);
  const hasDefault = cases.some((candidate) => member(candidate, "when") === undefined);
  const every = hasDefault ? directives : [...directives, own];
  return every.map((then) => ({ to: destinationOf(then), share: 1 / every.length }));
}

function destination(then: string | undefined, index: number, tasks: readonly NamedTask[]): Destination {
  if (then === "exit" || then === "end") return then;
  if (then === undefined || then === "continue") return index + 1 < tasks.length ? index + 1 : "exit";
  const named = tasks.findIndex(({ name }) => name === then);
  // What leads nowhere faults: nothing comes after it.
  return named === -1 ? "end" : named;
}

function merged(ways: readonly Way[]): readonly Way[] {
  const shares = new Map<Destination, number>();
  for (const { to, share } of ways) shares.set(to, (shares.get(to) ?? 0) + share);
  return [...shares].map(([to, share]) => ({ to, share }));
}

/** A loop is left in the end: what leads on has all the shares. */
function normalised(ways: readonly Way[]): readonly Way[] {
  const sum = ways.reduce((total, { share }) => total + share, 0);
  return ways.map(({ to, share }) => ({ to, share: share / sum }));
}

/** Depth first: the order in which no task comes before one that leads to it, and the ways back that were left out. */
function walked(ways: readonly (readonly Way[])[]): {
  readonly order: readonly number[];
  readonly backs: readonly Back[];
} {
  const states = new Map<number, "open" | "closed">();
  const order: number[] = [];
  const backs: Back[] = [];
  const visit = (index: number): void => {
    states.set(index, "open");
    // The last way first, so that the order is that of the definition where it can be.
    for (const { to } of [...(ways[index] ?? [])].reverse()) {
      if (typeof to !== "number") continue;
      if (states.get(to) === "open") backs.push([index, to]);
      else if (!states.has(to)) visit(to);
    }
    states.set(index, "closed");
    order.unshift(index);
  };
  if (ways.length > 0) visit(0);
  return { order, backs };
}

/** Whether `index` is on a way from where a loop begins to where it goes back. */
function isBetween(ways: readonly (readonly Way[])[], [from, to]: Back, index: number): boolean {
  return leads(ways, to, index) && leads(ways, index, from);
}

function leads(ways: readonly (readonly Way[])[], from: number, to: number): boolean {
  const seen = new Set<number>();
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === to) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    for (const way of ways[at] ?? []) if (typeof way.to === "number") open.push(way.to);
  }
  return false;
}
