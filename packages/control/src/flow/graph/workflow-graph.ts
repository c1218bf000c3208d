/**
 * The graph of a workflow: its stages, and which follows on which, by walking the definition once.
 *
 * What is known only by running it is estimated: the cases of a switch are equally likely, every second condition holds, a
 * catch handles one run in twenty, a loop goes round four times. Runs that were seen weigh more with every one.
 * Where branches compete, the deadline is planned for all of them to end.
 */
import { type FunctionName, parseFunctionName, type Seconds, type WorkflowGraph } from "@frugal/core";
import { parseDuration } from "../data/duration.ts";
import { isObject, type JsonObject, listIn, member, textIn } from "../data/json-value.ts";
import { namedTask } from "../data/named-task.ts";
import type { WorkflowDefinition } from "../definition.ts";
import type { Json } from "../json.ts";
import { pointerPart } from "../run/execution-key.ts";
import { type BranchStatistics, plannedCounts } from "./branch-statistics.ts";
import { conditionShare, listFlow } from "./list-flow.ts";

/** Rounds of a loop nobody has seen. */
const usualRounds = 4;
/** Share of the passages through a try task in which its catch does something. */
const catchShare = 0.05;
/** What is estimated counts as much as this many runs. */
const estimateRuns = 1;

/** The stages that a run may have executed last when it comes to a place; undefined: it never does. */
type Frontier = ReadonlySet<number> | undefined;

/** How often a run comes to a place: for the deadline and on average. */
interface Weight {
  readonly repeats: number;
  readonly visits: number;
}

/** Where a walk has come to. */
interface Arrival {
  readonly last: Frontier;
  /** Share of the runs that set out and come here. */
  readonly share: number;
}

/** A walk's starting point. */
interface Departure extends Weight {
  readonly last: ReadonlySet<number>;
  /** Functions under `use.functions` that are being walked: one inside itself has no end. */
  readonly calls: readonly string[];
}

/** The graph of `definition`, with what `learnt` knows of its runs. */
export function workflowGraph(definition: WorkflowDefinition, learnt?: BranchStatistics): WorkflowGraph {
  const walk = new GraphWalk(definition, learnt);
  walk.list(listIn(definition, "do"), "/do", { last: new Set(), repeats: 1, visits: 1, calls: [] });
  return walk.graph;
}

class GraphWalk {
  readonly #definition: JsonObject;
  readonly #learnt: BranchStatistics | undefined;
  readonly #stages: WorkflowGraph["stages"][number][] = [];
  readonly #edges: (readonly [number, number])[] = [];

  constructor(definition: JsonObject, learnt: BranchStatistics | undefined) {
    this.#definition = definition;
    this.#learnt = learnt;
  }

  get graph(): WorkflowGraph {
    return { stages: this.#stages, edges: this.#edges };
  }

  list(items: readonly Json[], pointer: string, from: Departure): Arrival {
    if (items.length === 0) return { last: from.last, share: 1 };
    const { tasks, order, ways, loops } = listFlow(items);
    const arrivals = new Map<number | "exit" | "end", Arrival>([[0, { last: from.last, share: 1 }]]);
    for (const index of order) {
      const task = tasks[index];
      const arrival = arrivals.get(index);
      if (task === undefined || arrival?.last === undefined) continue;
      const rounds = usualRounds ** (loops[index] ?? 0);
      const left = this.#task(task.definition, `${pointer}/${index}/${pointerPart(task.name)}`, {
        ...from,
        last: arrival.last,
        repeats: from.repeats * rounds,
        visits: from.visits * arrival.share * rounds,
      });
      for (const { to, share } of ways[index] ?? [])
        arrivals.set(to, joined(arrivals.get(to), { ...left, share: arrival.share * left.share * share }));
    }
    return arrivals.get("exit") ?? { last: undefined, share: 0 };
  }

  #task(task: JsonObject, pointer: string, from: Departure): Arrival {
    if (member(task, "if") === undefined) return this.#work(task, pointer, from);
    const done = this.#work(task, pointer, { ...from, visits: from.visits * conditionShare });
    return joined(
      { last: from.last, share: 1 - conditionShare },
      { last: done.last, share: done.share * conditionShare },
    );
  }

  #work(task: JsonObject, pointer: string, from: Departure): Arrival {
    if (isStage(task, this.#definition)) return this.#stage(task, pointer, from);
    if (textIn(task, "call") !== undefined) return this.#call(task, pointer, from);
    if (member(task, "for") !== undefined)
      return this.list(listIn(task, "do"), `${pointer}/do`, repeated(from, usualRounds));
    if (member(task, "fork") !== undefined) return this.#fork(task, pointer, from);
    if (member(task, "try") !== undefined) return this.#try(task, pointer, from);
    if (member(task, "listen") !== undefined) return this.#listen(task, pointer, from);
    if (member(task, "raise") !== undefined) return { last: undefined, share: 0 };
    return this.list(listIn(task, "do"), `${pointer}/do`, from);
  }

  #stage(task: JsonObject, pointer: string, from: Departure): Arrival {
    const stage = this.#stages.length;
    const call = textIn(task, "call");
    const fn = call === undefined || call === "http" ? undefined : parseFunctionName(call);
    this.#stages.push({
      name: pointer,
      function: fn,
      latency: this.#latencyOf(task, pointer, fn),
      repeats: this.#learnt?.highCountOf(pointer, plannedCounts) ?? from.repeats,
      visits: this.#visitsOf(pointer, from.visits),
    });
    for (const last of from.last) this.#edges.push([last, stage]);
    return { last: new Set([stage]), share: 1 };
  }

  #latencyOf(task: JsonObject, pointer: string, fn: FunctionName | undefined): Seconds | undefined {
    if (fn !== undefined) return undefined;
    const wait = member(task, "wait");
    return (wait === undefined ? undefined : parseDuration(wait)) ?? this.#learnt?.latencyOf(pointer);
  }

  #visitsOf(pointer: string, estimate: number): number {
    const learnt = this.#learnt;
    if (learnt === undefined) return estimate;
    return (estimate * estimateRuns + learnt.executionsOf(pointer)) / (estimateRuns + learnt.runs);
  }

  /** A function under `use.functions`: its task stands in the place of the call. */
  #call(task: JsonObject, pointer: string, from: Departure): Arrival {
    const name = textIn(task, "call") ?? "";
    const own = member(this.#definition, "use", "functions", name);
    if (!isObject(own) || from.calls.includes(name)) return { last: from.last, share: 1 };
    return this.#task(own, pointer, { ...from, calls: [...from.calls, name] });
  }

  #fork(task: JsonObject, pointer: string, from: Departure): Arrival {
    const ends = listIn(task, "fork", "branches").map((item, i) => {
      const { name, definition } = namedTask(item);
      return this.#task(definition, `${pointer}/fork/branches/${i}/${pointerPart(name)}`, from);
    });
    const last = ends.map((end) => end.last).reduce(union, undefined);
    return {
      last: ends.length === 0 ? from.last : last,
      share: Math.min(1, ...ends.map(({ share }) => share)),
    };
  }

  /** What is caught may come from any task inside: the handler follows on all stages there, and on what came before. */
  #try(task: JsonObject, pointer: string, from: Departure): Arrival {
    const first = this.#stages.length;
    const tried = this.list(listIn(task, "try"), `${pointer}/try`, from);
    const inside = this.#stages.slice(first).map((_, i) => first + i);
    const caught = this.list(listIn(task, "catch", "do"), `${pointer}/catch/do`, {
      ...from,
      last: new Set([...from.last, ...inside]),
      visits: from.visits * catchShare,
    });
    const isAlwaysCaught = tried.last === undefined;
    return joined(
      { last: tried.last, share: tried.share * (1 - catchShare) },
      { last: caught.last, share: caught.share * (isAlwaysCaught ? 1 : catchShare) },
    );
  }

  #listen(task: JsonObject, pointer: string, from: Departure): Arrival {
    const isOne = member(task, "listen", "to", "one") !== undefined;
    const each = repeated(from, isOne ? 1 : usualRounds);
    return member(task, "foreach") === undefined
      ? this.list(listIn(task, "listen", "foreach", "do"), `${pointer}/listen/foreach/do`, each)
      : this.list(listIn(task, "foreach", "do"), `${pointer}/foreach/do`, each);
  }
}

/** What takes time by itself: a call of something outside the workflow, a wait, another workflow. */
function isStage(task: JsonObject, definition: JsonObject): boolean {
  const call = textIn(task, "call");
  if (call !== undefined)
    return call === "http" || member(definition, "use", "functions", call) === undefined;
  return member(task, "wait") !== undefined || member(task, "run", "workflow") !== undefined;
}

const repeated = (from: Departure, rounds: number): Departure => ({
  ...from,
  repeats: from.repeats * rounds,
  visits: from.visits * rounds,
});

function joined(one: Arrival | undefined, other: Arrival): Arrival {
  if (one === undefined) return other;
  return { last: union(one.last, other.last), share: one.share + other.share };
}

const union = (one: Frontier, other: Frontier): Frontier =>
  one === undefined ? other : other === undefined ? one : new Set([...one, ...other]);
