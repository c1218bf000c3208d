/**
 * Workflows on the live platform: makes the parts, connects them, and takes them down in order.
 */
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { Flow, type PaceEvent, type PacePlan } from "@frugal/control";
import {
  type Clock,
  minus,
  plus,
  type Seconds,
  seededRandom,
  type WorkflowDeadline,
  type WorkflowGraph,
} from "@frugal/core";
import { z } from "zod";
import type { DaemonConfig } from "../config.ts";
import type { Platform } from "../platform/platform.ts";
import { JqExpressions } from "./expressions/jq-expressions.ts";
import { dataSchemas } from "./runner/data-schemas.ts";
import { EventSink } from "./events/event-sink.ts";
import type { RunObserver } from "./runner/run-observer.ts";
import { runnerOptions } from "./runner/runner-options.ts";
import { WorkflowGraphs } from "./runner/workflow-graphs.ts";
import { WorkflowRunner } from "./runner/workflow-runner.ts";
import { type StoredWorkflow, WorkflowCatalog } from "./store/workflow-catalog.ts";
import { WorkflowDeployments } from "./workflow-deployments.ts";

/** What workflows need of the platform. */
export interface PacedPlatform extends Pick<Platform, "invoke"> {
  pace(event: PaceEvent): void;
  plan(graph: WorkflowGraph, deadline: WorkflowDeadline): PacePlan | undefined;
}

export interface WorkflowsParts {
  readonly database: DatabaseSync;
  readonly platform: PacedPlatform;
  readonly functions: { find(name: string): unknown };
  readonly clock: Clock;
  readonly config: DaemonConfig["workflows"];
  /** Told of faults of Frugal's own. */
  readonly complain: (fault: unknown) => void;
}

export class Workflows {
  readonly catalog: WorkflowCatalog;
  readonly graphs: WorkflowGraphs;
  readonly deployments: WorkflowDeployments;
  readonly runner: WorkflowRunner;
  readonly #platform: PacedPlatform;
  readonly #expressions: JqExpressions;
  readonly #sink: EventSink;
  readonly #observers: RunObserver[] = [];

  constructor(parts: WorkflowsParts) {
    const { database, platform, functions, clock, config, complain } = parts;
    const options = runnerOptions(config);
    // As it was at the start and running evenly since: a wall clock that is set back holds nothing up.
    const epoch = minus(clock.wall(), clock.now());
    const wallTime = (now: Seconds): Seconds => plus(epoch, now);
    this.#platform = platform;
    this.#expressions = new JqExpressions(options.expressions, clock);
    this.#sink = new EventSink(options.eventSink, clock, () => {
      for (const observer of this.#observers) observer.eventDropped();
    });
    this.catalog = new WorkflowCatalog(database);
    this.graphs = new WorkflowGraphs((event) => platform.pace(event));
    this.deployments = new WorkflowDeployments({
      catalog: this.catalog,
      graphs: this.graphs,
      problemOf: (program) => this.#expressions.problemOf(program),
      functions,
      clock,
      plan: (graph, deadline) => platform.plan(graph, deadline),
    });
    this.runner = new WorkflowRunner({
      database,
      catalog: this.catalog,
      graphs: this.graphs,
      flow: new Flow({
        expressions: this.#expressions,
        random: seededRandom(randomInt(2 ** 32)),
        runtime: { name: "frugal", version: ownVersion() },
        wallTime,
        schemas: dataSchemas,
        timeInTurn: () => clock.now(),
      }),
      platform,
      clock,
      wallTime,
      options,
      observers: this.#observers,
      publish: (event) => this.#sink.send(event),
      complain,
    });
  }

  /** How the workflow's deadline is divided; undefined where it has none, or nothing paces the machine. */
  plan(graph: WorkflowGraph, { workflow: { settings } }: StoredWorkflow): PacePlan | undefined {
    return settings.deadline === undefined ? undefined : this.#platform.plan(graph, settings.deadline);
  }

  /** `observer` is told of runs and stages from now on. */
  observe(observer: RunObserver): void {
    this.#observers.push(observer);
  }

  /** Takes up what an earlier process left. */
  start(): void {
    if (this.catalog.list().length > 0) this.#expressions.warm();
    this.deployments.restore();
    this.runner.recover();
  }

  /** Begins nothing more. */
  stop(): void {
    this.runner.stop();
  }

  close(): void {
    this.runner.close();
    this.#expressions.close();
    this.#sink.close();
  }
}

const ownVersion = (): string =>
  z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))).version;
