/**
 * Makes room for an instance when memory or slots are short: stops idle instances in the order of the keep-alive
 * policy's priorities, or lets a busy instance of the function that has had most run out.
 */
import { seconds } from "@frugal/core";
import type { FunctionState } from "../function-state.ts";
import type { Claim, Machine } from "../route/machine.ts";
import { type ControlState, type Held, nothingHeld } from "../state.ts";
import type { Instance } from "./instance.ts";
import type { Lifecycle } from "./lifecycle.ts";

interface Victim {
  readonly fn: FunctionState;
  readonly instance: Instance;
  readonly priority: number;
}

/**
 * Sees to it that room for an instance of `fn` comes free on a machine that nobody holds. The result is where: one machine,
 * or all that could have it where it depends on what finishes first.
 */
export function makeRoom(
  state: ControlState,
  lifecycle: Lifecycle,
  fn: FunctionState,
  held: Held,
): readonly Machine[] {
  const machine = evictFor(state, lifecycle, fn.demand, held);
  if (machine !== undefined) return [machine];
  const candidates = candidatesFor(state, fn.demand, held);
  retireBusiest(state, lifecycle, fn, candidates);
  return candidates;
}

/** The machine where room for `claim` comes free by itself or by evicting idle instances; undefined where that is nowhere. */
export function evictFor(
  state: ControlState,
  lifecycle: Lifecycle,
  claim: Claim,
  held: Held = nothingHeld,
): Machine | undefined {
  const candidates = candidatesFor(state, claim, held);
  return (
    candidates.find((machine) => hasRoomSoon(machine, claim)) ??
    candidates.find((machine) => evictIdle(state, lifecycle, machine, claim))
  );
}

const candidatesFor = (state: ControlState, claim: Claim, { cores, memory }: Held): readonly Machine[] =>
  state.machines.filter((machine) => machine.couldHold(claim) && !cores.has(machine) && !memory.has(machine));

function hasRoomSoon(machine: Machine, claim: Claim): boolean {
  const shortage = machine.shortage(claim);
  return shortage.memory <= 0 && shortage.instances <= 0;
}

/** Evicts as little as makes room on `machine`; nothing where all its idle instances would not do. */
function evictIdle(state: ControlState, lifecycle: Lifecycle, machine: Machine, claim: Claim): boolean {
  const victims = victimsOn(state, machine);
  const chosen: Victim[] = [];
  let { memory, instances } = machine.shortage(claim);
  for (const victim of victims) {
    if (memory <= 0 && instances <= 0) break;
    chosen.push(victim);
    memory -= victim.instance.claim.memory;
    instances--;
  }
  if (memory > 0 || instances > 0) return false;
  for (const { fn, instance, priority } of chosen) {
    lifecycle.stop(fn, instance, "evicted");
    state.keepAlive.evicted(priority);
  }
  return true;
}

/** Idle instances of `machine` beyond their functions' provisioned minimum, lowest priority first. */
function victimsOn(state: ControlState, machine: Machine): Victim[] {
  const victims: Victim[] = [];
  const spare = new Map<FunctionState, number>();
  for (const instance of state.idle.get(machine) ?? []) {
    const fn = state.functionOf(instance);
    if (fn === undefined) continue;
    const left = spare.get(fn) ?? fn.live - fn.demand.provisioned;
    spare.set(fn, left - 1);
    if (left <= 0) continue;
    const priority = state.keepAlive.priority({
      function: instance.function,
      memory: instance.claim.memory,
      startCost: fn.startTime ?? seconds(0),
      idleSince: instance.idleSince,
    });
    victims.push({ fn, instance, priority });
  }
  return victims.sort((a, b) => a.priority - b.priority || a.instance.number - b.instance.number);
}

/**
 * An instance that executes several invocations at a time may never be idle under a flood. So that it does not hold its
 * memory for ever against others, one of the function with the most virtual time takes no more work and runs out.
 */
function retireBusiest(
  state: ControlState,
  lifecycle: Lifecycle,
  waiting: FunctionState,
  candidates: readonly Machine[],
): void {
  let target: { fn: FunctionState; instance: Instance } | undefined;
  for (const instance of state.instances.values()) {
    if (instance.retiring === "reclaimed") return;
    const fn = state.functionOf(instance);
    if (fn === undefined || instance.state !== "ready" || instance.retiring !== undefined) continue;
    if (instance.concurrency === 1 || instance.running.length === 0) continue;
    if (!candidates.includes(instance.machine)) continue;
    if (fn.virtualTime <= waiting.virtualTime || fn.live <= fn.demand.provisioned) continue;
    if (target === undefined || fn.virtualTime > target.fn.virtualTime) target = { fn, instance };
  }
  if (target !== undefined) lifecycle.retire(target.fn, target.instance, "reclaimed");
}
