/**
 * The metrics that are read when somebody scrapes: instances, snapshots, queues, energy, the platform's own process.
 *
 * Energy that is unavailable has no sample: a missing line, never a zero.
 */
import { Counter, Gauge, type LabelValues, type Registry } from "prom-client";
import type { EnergyAmount } from "@frugal/core";
import type { EnergyStatistics, FunctionStatistics, Platform } from "../platform/platform.ts";
import type { SnapshotService } from "../platform/snapshots/snapshot-service.ts";

export interface MetricSources {
  readonly platform: Pick<Platform, "statistics">;
  readonly queue: { counts(): { readonly queued: number; readonly running: number } };
  readonly logs: { readonly dropped: number };
  readonly snapshots: Pick<SnapshotService, "list" | "builds">;
}

export class ScrapedMetrics {
  readonly #sources: MetricSources;
  readonly #instances: Gauge<"function" | "state">;
  readonly #waiting: Gauge<"function">;
  readonly #cpu: Counter<"function">;
  readonly #functionJoules: Counter<"function" | "source" | "quality">;
  readonly #machineJoules: Counter<"source" | "quality">;
  readonly #idleJoules: Counter<"cause">;
  readonly #watts: Gauge;
  readonly #queue: Gauge<"state">;
  readonly #snapshots: Gauge<"kind">;
  readonly #snapshotBytes: Gauge<"kind">;
  readonly #snapshotBuilds: Counter<"result">;
  readonly #droppedLogs: Counter;
  readonly #processCpu: Counter;
  readonly #processMemory: Gauge;
  /** The machine's energy at the last scrape. */
  #last: EnergyAmount | undefined;

  constructor(registry: Registry, sources: MetricSources) {
    this.#sources = sources;
    const gauge = <T extends string>(name: string, help: string, labelNames: readonly T[]): Gauge<T> =>
      new Gauge({ name, help, labelNames, registers: [registry] });
    const counter = <T extends string>(name: string, help: string, labelNames: readonly T[]): Counter<T> =>
      new Counter({ name, help, labelNames, registers: [registry] });
    const pedigree = ["source", "quality"] as const;
    this.#instances = gauge("frugal_instances", "Instances by state", ["function", "state"]);
    this.#waiting = gauge("frugal_waiting_invocations", "Invocations that wait for an instance", [
      "function",
    ]);
    this.#cpu = counter("frugal_function_cpu_seconds_total", "CPU time of a function's instances", [
      "function",
    ]);
    this.#functionJoules = counter("frugal_function_joules_total", "Energy that a function caused", [
      "function",
      ...pedigree,
    ]);
    this.#machineJoules = counter("frugal_machine_joules_total", "Energy of the whole machine", pedigree);
    this.#idleJoules = counter("frugal_idle_joules_total", "Energy that no function caused, by cause", [
      "cause",
    ]);
    this.#watts = gauge("frugal_machine_watts", "Power of the machine, on average since the last scrape", []);
    this.#queue = gauge("frugal_async_invocations", "Unfinished asynchronous invocations by state", [
      "state",
    ]);
    this.#snapshots = gauge("frugal_snapshots", "Snapshots by kind", ["kind"]);
    this.#snapshotBytes = gauge("frugal_snapshot_bytes", "Size of the snapshots on disk by kind", ["kind"]);
    this.#snapshotBuilds = counter("frugal_snapshot_builds_total", "Templates that ended, by result", [
      "result",
    ]);
    this.#droppedLogs = counter("frugal_log_records_dropped_total", "Log records that were lost", []);
    this.#processCpu = counter("process_cpu_seconds_total", "CPU time of the platform's own process", []);
    this.#processMemory = gauge("process_resident_memory_bytes", "Memory of the platform's own process", []);
  }

  read(): void {
    const { functions, energy } = this.#sources.platform.statistics();
    for (const metric of [this.#instances, this.#waiting, this.#cpu, this.#functionJoules]) metric.reset();
    for (const statistics of functions) this.#readFunction(statistics);
    this.#readEnergy(energy);
    const { queued, running } = this.#sources.queue.counts();
    this.#queue.set({ state: "queued" }, queued);
    this.#queue.set({ state: "running" }, running);
    this.#readSnapshots();
    const cpu = process.cpuUsage();
    this.#processMemory.set(process.memoryUsage.rss());
    total(this.#processCpu, (cpu.user + cpu.system) / 1e6);
    total(this.#droppedLogs, this.#sources.logs.dropped);
  }

  #readFunction({ name, instances, waiting, cpu, energy }: FunctionStatistics): void {
    this.#instances.set({ function: name, state: "starting" }, instances.starting);
    this.#instances.set({ function: name, state: "idle" }, instances.idle);
    this.#instances.set({ function: name, state: "busy" }, instances.busy);
    this.#waiting.set({ function: name }, waiting);
    count(this.#cpu, { function: name }, cpu);
    if (energy.kind === "energy")
      count(
        this.#functionJoules,
        { function: name, source: energy.source, quality: energy.quality },
        energy.joules,
      );
  }

  #readSnapshots(): void {
    const { snapshots } = this.#sources;
    for (const metric of [this.#snapshots, this.#snapshotBytes, this.#snapshotBuilds]) metric.reset();
    for (const { kind, size } of snapshots.list()) {
      this.#snapshots.inc({ kind });
      this.#snapshotBytes.inc({ kind }, size);
    }
    for (const [result, number] of Object.entries(snapshots.builds()))
      this.#snapshotBuilds.inc({ result }, number);
  }

  #readEnergy({ total: machine, idle }: EnergyStatistics): void {
    this.#machineJoules.reset();
    this.#idleJoules.reset();
    if (machine.kind === "unavailable") {
      this.#watts.remove();
      return;
    }
    count(this.#machineJoules, { source: machine.source, quality: machine.quality }, machine.joules);
    count(this.#idleJoules, { cause: "static" }, idle.staticJoules);
    count(this.#idleJoules, { cause: "other-processes" }, idle.otherProcessesJoules);
    const time = machine.interval - (this.#last?.interval ?? 0);
    // Without time since the last scrape there is no power to tell: the last value stands.
    if (time > 0) {
      this.#watts.set((machine.joules - (this.#last?.joules ?? 0)) / time);
      this.#last = machine;
    }
  }
}

/** A rounding error below zero must not fail the scrape. */
const count = <T extends string>(counter: Counter<T>, labels: LabelValues<T>, value: number): void =>
  counter.inc(labels, Math.max(0, value));

/** Sets an unlabelled counter to a total that is kept elsewhere. */
function total(counter: Counter, value: number): void {
  counter.reset();
  counter.inc(value);
}
