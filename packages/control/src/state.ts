/**
 * Everything that the control plane remembers, and the commands of the event being handled. Shared by its parts; nothing
 * outside this package sees it.
 */
import type { FunctionName, InstanceNumber, InvocationNumber } from "@frugal/core";
import type { Command } from "./command.ts";
import type { FunctionState } from "./function-state.ts";
import { FairOrder } from "./route/fair-order.ts";
import type { Pace } from "./pace/pace.ts";
import type { Claim, Machine } from "./route/machine.ts";
import type { Instance } from "./start/instance.ts";
import type { KeepAlive } from "./start/keep-alive/keep-alive.ts";
import type { StartChoice } from "./start/start-choice.ts";
import { Timers } from "./timers.ts";

/** What the control plane has noted to look at later. Each task checks whether it still means anything. */
export type Task =
  | { readonly kind: "check-expiry"; readonly instance: Instance }
  | { readonly kind: "check-queue"; readonly fn: FunctionState }
  | { readonly kind: "check-provisioned"; readonly fn: FunctionState }
  | { readonly kind: "check-template"; readonly fn: FunctionState }
  | { readonly kind: "check-wish"; readonly fn: FunctionState; readonly invocation: InvocationNumber }
  | { readonly kind: "prewarm"; readonly fn: FunctionState }
  | { readonly kind: "sample-load"; readonly machine: Machine }
  | { readonly kind: "settle-clocks"; readonly machine: Machine };

/** Machines that functions hold which could not be served, against those after them in the order. */
export interface Held {
  /** Nothing starts or executes here: the holder waits for cores. */
  readonly cores: ReadonlySet<Machine>;
  /** Nothing starts here: the holder waits for memory or a slot. */
  readonly memory: ReadonlySet<Machine>;
}

export const nothingHeld: Held = { cores: new Set(), memory: new Set() };

export class ControlState {
  readonly functions = new Map<FunctionName, FunctionState>();
  readonly instances = new Map<InstanceNumber, Instance>();
  readonly machines: Machine[] = [];
  /** Machines with a free core share, however small. */
  readonly open = new Set<Machine>();
  /** Functions whose instances execute several invocations at a time. */
  concurrentFunctions = 0;
  /** Idle instances that could be evicted, by machine. */
  readonly idle = new Map<Machine, Set<Instance>>();
  readonly order = new FairOrder<FunctionState>();
  readonly agenda = new Timers<Task>();
  readonly keepAlive: KeepAlive;
  readonly startChoice: StartChoice;
  /** Undefined where no clock is set. */
  pace: Pace | undefined;
  /** Templates that hold resources, by machine. */
  readonly templates = new Map<Machine, Instance>();
  /** Those of them that have not been told to stop. */
  runningTemplates = 0;
  /** Waiting invocations of all functions. */
  waiting = 0;
  commands: Command[] = [];

  constructor(keepAlive: KeepAlive, startChoice: StartChoice) {
    this.keepAlive = keepAlive;
    this.startChoice = startChoice;
  }

  /** The machine with the most free cores of those that can start an instance now; `held` ones are not asked. */
  machineFor(claim: Claim, held: Held = nothingHeld): Machine | undefined {
    let best: Machine | undefined;
    for (const machine of this.machines) {
      if (held.cores.has(machine) || held.memory.has(machine)) continue;
      if (!machine.canStart || !machine.hasRoom(claim) || !machine.hasCores(claim)) continue;
      if (best === undefined || machine.freeCores > best.freeCores) best = machine;
    }
    return best;
  }

  /** Reserves an instance's cores: it starts, or takes its first invocation. */
  occupy({ machine, claim }: Instance): void {
    machine.occupy(claim);
    if (machine.freeCores <= 0) this.open.delete(machine);
  }

  /** Gives an instance's cores back: its start or its last invocation is over. */
  vacate({ machine, claim }: Instance): void {
    machine.vacate(claim);
    if (machine.freeCores > 0) this.open.add(machine);
  }

  functionOf(instance: Instance): FunctionState | undefined {
    return this.functions.get(instance.function);
  }
}
