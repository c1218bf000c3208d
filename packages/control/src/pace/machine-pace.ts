/**
 * The pace of one machine: its policy, its model of functions, and the clocks that running stages ask for.
 */
import {
  type ClockGrid,
  type ClockSetting,
  type FunctionName,
  type Hertz,
  type MachineClocks,
  plus,
  type Ratio,
  ratio,
  type Seconds,
} from "@frugal/core";
import type { StageModel, StageObservation } from "@frugal/predict";
import type { Command } from "../command.ts";
import type { Machine } from "../route/machine.ts";
import { DomainClocks } from "./domain-clocks.ts";
import { Pinning } from "./pinning.ts";
import type { ClockGovernor, PacePolicy, StageDecision, StageSituation } from "./policy/pace-policy.ts";

export interface MachinePaceParts {
  readonly machine: Machine;
  readonly clocks: MachineClocks;
  readonly policy: PacePolicy;
  readonly model: StageModel;
  readonly command: (command: Command) => void;
}

export class MachinePace {
  readonly machine: Machine;
  readonly policy: PacePolicy;
  readonly model: StageModel;
  readonly #clocks: MachineClocks;
  readonly #core: DomainClocks;
  readonly #uncore: DomainClocks;
  readonly #pinning: Pinning | undefined;
  readonly #governed: Hertz[] = [];
  readonly #setCore: (domain: number, clock: Hertz) => void;

  constructor({ machine, clocks, policy, model, command }: MachinePaceParts) {
    this.machine = machine;
    this.policy = policy;
    this.model = model;
    this.#clocks = clocks;
    const { name } = machine.capacity;
    this.#setCore = (domain, clock) => command({ kind: "set-core-clock", machine: name, domain, clock });
    this.#core = new DomainClocks(clocks.core, this.#setCore);
    this.#uncore = new DomainClocks(clocks.uncore, (domain, clock) =>
      command({ kind: "set-uncore-clock", machine: name, domain, clock }),
    );
    this.#pinning = machine.capacity.pinning === true ? new Pinning(clocks.core) : undefined;
  }

  /** Nothing runs yet: every clock that the policy sets goes to where it is without work. */
  begin(): void {
    const { governor } = this.policy;
    if (governor !== undefined) this.#govern(governor, () => ratio(0));
    this.settle();
  }

  /** Processors for an instance that uses `cores`; undefined where instances are not bound. */
  pin(cores: number): readonly number[] | undefined {
    return this.#pinning?.take(cores);
  }

  unpin(cpus: readonly number[]): void {
    this.#pinning?.giveBack(cpus);
  }

  decide(stage: StageSituation): StageDecision {
    return this.policy.decide(stage);
  }

  request(key: number, cpus: readonly number[] | undefined, { core, uncore }: Partial<ClockSetting>): void {
    if (core !== undefined) this.#core.request(key, cpus, core);
    if (uncore !== undefined) this.#uncore.request(key, cpus, uncore);
  }

  /** A start: it takes what it can get, within what the policy sets. */
  requestFastest(key: number, cpus: readonly number[] | undefined): void {
    const { core, uncore } = fastestOf(this.model.grid);
    this.request(key, cpus, {
      ...(this.policy.setsCore && this.policy.governor === undefined ? { core } : {}),
      ...(this.policy.setsUncore && uncore !== undefined ? { uncore } : {}),
    });
  }

  /** Whether clocks can go down: `settle` lets them. */
  release(key: number, cpus: readonly number[] | undefined): boolean {
    const isLowerCore = this.#core.release(key, cpus);
    return this.#uncore.release(key, cpus) || isLowerCore;
  }

  settle(): void {
    const { governor, setsCore, setsUncore } = this.policy;
    if (setsCore && governor === undefined) this.#core.settle();
    if (setsUncore) this.#uncore.settle();
  }

  /** At which `cpus` run, as far as it was set from here; undefined where the clocks are not known. */
  inForce(cpus: readonly number[] | undefined): ClockSetting | undefined {
    if (this.machine.capacity.isDryRun === true) return undefined;
    return this.chosen(cpus);
  }

  /** What was chosen for `cpus` last, set or not; undefined where nothing was. */
  chosen(cpus: readonly number[] | undefined): ClockSetting | undefined {
    const core = this.policy.governor === undefined ? this.#core.inForce(cpus) : this.#highestGoverned(cpus);
    if (core === undefined || !this.policy.setsCore) return undefined;
    return { core, uncore: this.policy.setsUncore ? this.#uncore.inForce(cpus) : undefined };
  }

  observe(observation: StageObservation): void {
    this.model.observe(observation);
    this.policy.observe(observation);
  }

  forget(fn: FunctionName): void {
    this.model.forget(fn);
  }

  /** When the governor, if there is one, wants to see the load next. */
  nextSample(now: Seconds): Seconds | undefined {
    const { governor } = this.policy;
    return governor === undefined ? undefined : plus(now, governor.interval);
  }

  sampled(loads: readonly Ratio[]): void {
    const { governor } = this.policy;
    if (governor !== undefined) this.#govern(governor, (index) => loads[index]);
  }

  #highestGoverned(cpus: readonly number[] | undefined): Hertz | undefined {
    let highest: Hertz | undefined;
    for (const [index, domain] of this.#clocks.core.entries()) {
      if (cpus !== undefined && !cpus.some((cpu) => domain.cpus.includes(cpu))) continue;
      const clock = this.#governed[index];
      if (clock !== undefined && (highest === undefined || clock > highest)) highest = clock;
    }
    return highest;
  }

  #govern(governor: ClockGovernor, loadOf: (index: number) => Ratio | undefined): void {
    for (const [index, { id, steps }] of this.#clocks.core.entries()) {
      const load = loadOf(index);
      const lowest = steps[0];
      if (load === undefined || lowest === undefined) continue;
      const current = this.#governed[index];
      const next = governor.next(id, steps, current ?? lowest, load);
      if (next === current) continue;
      this.#governed[index] = next;
      this.#setCore(id, next);
    }
  }
}

export function fastestOf({ core, uncore }: ClockGrid): ClockSetting {
  const fastest = core.at(-1);
  if (fastest === undefined) throw new RangeError("A grid of clocks has no core clock");
  return { core: fastest, uncore: uncore.at(-1) };
}
