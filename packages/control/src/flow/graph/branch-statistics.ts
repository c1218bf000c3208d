/**
 * How often the runs of a workflow come by its tasks: which branches they take, how often loops go round, how long what is no
 * function of ours takes. Plain numbers that survive as JSON.
 */
import { ratio, type Ratio, seconds, type Seconds } from "@frugal/core";
import { isObject, numberIn } from "../data/json-value.ts";
import type { Json } from "../json.ts";
import { executionOf, taskOfExecution } from "../run/execution-key.ts";

interface TaskCounts {
  /** Runs by how often they executed the task, for those that did. */
  readonly runs: Map<number, number>;
  executions: number;
  latencies: number;
  latencySum: number;
}

export class BranchStatistics {
  #runs = 0;
  readonly #tasks = new Map<string, TaskCounts>();

  /** What `toJSON` gave; empty where `value` is something else. */
  static from(value: Json | undefined): BranchStatistics {
    const statistics = new BranchStatistics();
    const tasks = isObject(value) ? value["tasks"] : undefined;
    if (!isObject(value) || !isObject(tasks)) return statistics;
    statistics.#runs = numberIn(value, "runs") ?? 0;
    for (const [task, counts] of Object.entries(tasks)) statistics.#tasks.set(task, countsOf(counts));
    return statistics;
  }

  get runs(): number {
    return this.#runs;
  }

  /** A run ended that had steps and records with these keys; each execution of a task counts once, however many there are of it. */
  addRun(keys: Iterable<string>): void {
    this.#runs++;
    const counts = new Map<string, number>();
    for (const execution of new Set([...keys].map(executionOf))) {
      const task = taskOfExecution(execution);
      if (task !== "") counts.set(task, (counts.get(task) ?? 0) + 1);
    }
    for (const [task, count] of counts) {
      const known = this.#of(task);
      known.executions += count;
      known.runs.set(binOf(count), (known.runs.get(binOf(count)) ?? 0) + 1);
    }
  }

  /** An execution of `task` took so long. */
  addLatency(task: string, latency: Seconds): void {
    const known = this.#of(task);
    known.latencies++;
    known.latencySum += latency;
  }

  /** Executions of `task` in all runs. */
  executionsOf(task: string): number {
    return this.#tasks.get(task)?.executions ?? 0;
  }

  /** How often a run executes `task` at most, for the share `quantile` of those that do; undefined where none did. */
  highCountOf(task: string, quantile: Ratio): number | undefined {
    const runs = this.#tasks.get(task)?.runs;
    if (runs === undefined || runs.size === 0) return undefined;
    const total = [...runs.values()].reduce((sum, count) => sum + count, 0);
    let seen = 0;
    for (const [count, number] of [...runs].sort(([one], [other]) => one - other)) {
      seen += number;
      if (seen >= quantile * total) return count;
    }
    return undefined;
  }

  /** Mean latency of `task`; undefined where none is known. */
  latencyOf(task: string): Seconds | undefined {
    const known = this.#tasks.get(task);
    return known === undefined || known.latencies === 0
      ? undefined
      : seconds(known.latencySum / known.latencies);
  }

  toJSON(): { readonly runs: number; readonly tasks: Readonly<Record<string, Json>> } {
    return {
      runs: this.#runs,
      tasks: Object.fromEntries(
        [...this.#tasks].map(([task, { runs, executions, latencies, latencySum }]) => [
          task,
          { runs: Object.fromEntries(runs), executions, latencies, latencySum },
        ]),
      ),
    };
  }

  #of(task: string): TaskCounts {
    const known = this.#tasks.get(task) ?? { runs: new Map(), executions: 0, latencies: 0, latencySum: 0 };
    this.#tasks.set(task, known);
    return known;
  }
}

/** The share of runs whose count a deadline is planned for. */
export const plannedCounts = ratio(0.95);

/** Small counts as they are; larger ones rounded up by an eighth at most, so that a task has few bins. */
function binOf(count: number): number {
  if (count <= 16) return count;
  const width = 2 ** (Math.floor(Math.log2(count)) - 3);
  return Math.ceil(count / width) * width;
}

function countsOf(value: Json): TaskCounts {
  const runs = isObject(value) ? value["runs"] : undefined;
  return {
    runs: new Map(
      Object.entries(isObject(runs) ? runs : {}).flatMap(([count, number]) =>
        typeof number === "number" ? [[Number(count), number] as const] : [],
      ),
    ),
    executions: numberIn(value, "executions") ?? 0,
    latencies: numberIn(value, "latencies") ?? 0,
    latencySum: numberIn(value, "latencySum") ?? 0,
  };
}
