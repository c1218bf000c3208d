/**
 * An instance that lives on this host: the sandbox's handle, and what the platform keeps about it.
 */
import { minus, type Seconds, seconds, type StartKind, type StartPhases } from "@frugal/core";
import type { Instance } from "@frugal/sandbox";
import type { InstanceWork } from "./pace/work-meter.ts";
import type { FunctionDefinition } from "../registry/definition.ts";

export class LiveInstance {
  readonly definition: FunctionDefinition;
  /** The processors that it is bound to; undefined: all. */
  readonly cpus: readonly number[] | undefined;
  /** Set right after the sandbox made it. */
  handle: Instance | undefined;
  phases: StartPhases | undefined;
  /** How it came to be, once it is ready. */
  kind: StartKind | undefined;
  /** CPU time of its start. */
  startCpu: Seconds | undefined;
  /** Counts what it executes, where the processor does. */
  work: InstanceWork | undefined;
  #counted: Seconds = seconds(0);

  constructor(definition: FunctionDefinition, cpus: readonly number[] | undefined) {
    this.definition = definition;
    this.cpus = cpus;
  }

  /** CPU time used since the previous call; zero where the host cannot tell. */
  takeCpu(): Seconds {
    const total = this.handle?.cpuTime();
    if (total === undefined || total < this.#counted) return seconds(0);
    const used = minus(total, this.#counted);
    this.#counted = total;
    return used;
  }
}
