/**
 * Pace: at which core and uncore clock each stage runs, so that it finishes just in time with the fewest joules.
 *
 * It binds policies, models and budgets to what happens on machines. When an invocation is dispatched, it decides its clocks
 * with the time that its run has in hand (queueing and starts are simply time lost); when it ends, the clocks go to what the
 * others need.
 *
 * Invariants (cited by the tests):
 *   P1  a clock domain runs at the highest clock that a stage or a start on it asks for, and at its lowest where none does; up at
 *       once, down after a short while, so that one invocation after another does not make clocks go up and down
 *   P2  every request is released when its invocation or start ends, however it ends
 */
import {
  type ClockSetting,
  type FunctionDemand,
  type FunctionName,
  type InstanceNumber,
  minus,
  NumberTable,
  plus,
  ratio,
  scaled,
  type Seconds,
  seconds,
  type StageKey,
  stageKey,
  unreachable,
  type WorkflowDeadline,
  type WorkflowGraph,
} from "@frugal/core";
import type { StageModel } from "@frugal/predict";
import type { Command } from "../command.ts";
import type { Event } from "../event.ts";
import type { Machine } from "../route/machine.ts";
import type { WaitingInvocation } from "../route/waiting-queue.ts";
import { normalQuantile } from "./budget/normal-quantile.ts";
import { LearningRate } from "./learning-rate.ts";
import { fastestOf, MachinePace } from "./machine-pace.ts";
import type { PacePlan } from "./pace-plan.ts";
import { createPacePolicy, pacePolicies, type PacePolicyName } from "./policy/index.ts";
import type { StageSituation } from "./policy/pace-policy.ts";
import { type Run, RunTable, slackOf } from "./run-table.ts";
import type { StagePace } from "./stage-pace.ts";
import { explainPlan, WorkflowPlans } from "./workflow-plans.ts";

export interface PaceOptions {
  readonly policy: PacePolicyName;
  /** Options of the policy by name; see the registry for their defaults. */
  readonly options?: Readonly<Record<string, number>>;
  /** What is known of functions on a machine that joins. Its grid is of the machine's clocks. */
  readonly modelOf: (machine: Machine["capacity"]) => StageModel;
}

export interface PaceOutput {
  command(command: Command): void;
  /** `sample` is to be called at this time. */
  sampleAt(at: Seconds, machine: Machine): void;
  /** `settle` is to be called at this time. */
  settleAt(at: Seconds, machine: Machine): void;
}

/** What pace needs to know of an instance. */
interface PacedInstance {
  readonly number: InstanceNumber;
  readonly function: FunctionName;
  readonly machine: Machine;
  readonly cpus: readonly number[] | undefined;
}

/** What pace is told apart from invocations and instances. */
export type PaceEvent = Extract<
  Event,
  { kind: "workflow-deployed" | "workflow-removed" | "run-started" | "run-ended" | "load-sampled" }
>;

interface RunningStage {
  readonly key: StageKey;
  readonly payload: WaitingInvocation["payload"];
  /** In force at its start; undefined where that is not known. */
  readonly clocks: ClockSetting | undefined;
  readonly since: Seconds;
}

/** The share of invocations of a function with a deadline of its own that are to be in time. */
const FUNCTION_QUANTILE = ratio(0.95);

/** How long a clock stays up that nobody asks for any more. Setting one takes up to a third of a millisecond. */
const LINGER = seconds(0.01);

export class Pace {
  /** Of the event that is being handled. */
  now: Seconds = seconds(0);
  readonly #options: PaceOptions;
  readonly #output: PaceOutput;
  readonly #machines = new Map<Machine, MachinePace>();
  readonly #running = new NumberTable<RunningStage>();
  readonly #starting = new Set<InstanceNumber>();
  /** Machines that `settle` will be called for. */
  readonly #settling = new Set<Machine>();
  readonly #rate = new LearningRate();
  readonly #runs = new RunTable();
  readonly #plans: WorkflowPlans;

  constructor(options: PaceOptions, output: PaceOutput) {
    this.#options = options;
    this.#output = output;
    this.#plans = new WorkflowPlans(pacePolicies[options.policy].budgets);
  }

  handle(event: PaceEvent, now: Seconds): void {
    switch (event.kind) {
      case "workflow-deployed":
        this.#plans.deploy(event.workflow, event);
        return;
      case "workflow-removed":
        this.#plans.remove(event.workflow);
        return;
      case "run-started": {
        const model = this.#anyMachine()?.model;
        const plan = model === undefined ? undefined : this.#plans.planOf(event.workflow, model);
        if (plan !== undefined) this.#runs.start(event.run, plan, minus(now, event.elapsed));
        return;
      }
      case "run-ended":
        this.#runs.end(event.run);
        for (const { policy } of this.#machines.values()) policy.runEnded(event.run);
        return;
      case "load-sampled":
        for (const paced of this.#machines.values()) {
          if (paced.machine.capacity.name !== event.machine) continue;
          paced.sampled(event.loads);
          this.#scheduleSample(paced, now);
        }
        return;
      default:
        unreachable(event);
    }
  }

  join(machine: Machine, now: Seconds): void {
    const { clocks } = machine.capacity;
    if (clocks === undefined || clocks.core.length === 0) return;
    const model = this.#options.modelOf(machine.capacity);
    const parts = { model, reference: fastestOf(model.grid), options: this.#options.options ?? {} };
    const paced = new MachinePace({
      machine,
      clocks,
      model,
      policy: createPacePolicy(this.#options.policy, parts),
      command: (command) => this.#output.command(command),
    });
    this.#machines.set(machine, paced);
    paced.begin();
    this.#scheduleSample(paced, now);
  }

  plan(graph: WorkflowGraph, deadline: WorkflowDeadline): PacePlan | undefined {
    const model = this.#anyMachine()?.model;
    return model === undefined ? undefined : explainPlan(graph, deadline, model);
  }

  /** Processors for an instance that is about to start; undefined where it may run on all. */
  pin(machine: Machine, cores: number): readonly number[] | undefined {
    return this.#machines.get(machine)?.pin(cores);
  }

  starting({ number, machine, cpus }: PacedInstance): void {
    const paced = this.#machines.get(machine);
    if (paced === undefined) return;
    this.#starting.add(number);
    paced.requestFastest(startKey(number), cpus);
  }

  /** The start is over, one way or another. */
  started({ number, machine, cpus }: PacedInstance): void {
    if (!this.#starting.delete(number)) return;
    const paced = this.#machines.get(machine);
    if (paced !== undefined) this.#release(paced, startKey(number), cpus);
  }

  ended(instance: PacedInstance): void {
    this.started(instance);
    if (instance.cpus !== undefined) this.#machines.get(instance.machine)?.unpin(instance.cpus);
  }

  /** An invocation is about to be dispatched: the clocks that it needs are set before. */
  begin(
    demand: FunctionDemand,
    instance: PacedInstance,
    entry: WaitingInvocation,
    now: Seconds,
  ): StagePace | undefined {
    const paced = this.#machines.get(instance.machine);
    if (paced === undefined) return undefined;
    const situation = this.#situationOf(demand, paced, entry, now);
    const { core, uncore, target, expected } = paced.decide(situation);
    const clocks = { ...(core === undefined ? {} : { core }), ...(uncore === undefined ? {} : { uncore }) };
    paced.request(entry.invocation, instance.cpus, clocks);
    const inForce = paced.inForce(instance.cpus);
    const { key, payload, budget, slack } = situation;
    this.#running.set(entry.invocation, { key, payload, clocks: inForce, since: now });
    return {
      clocks,
      inForce: paced.chosen(instance.cpus),
      budget,
      slack: budget === undefined ? undefined : slack,
      target,
      expected,
    };
  }

  /** An invocation has its outcome. */
  end(
    { machine, cpus }: PacedInstance,
    { invocation, measured }: Extract<Event, { kind: "invocation-finished" }>,
    now: Seconds,
  ): void {
    const paced = this.#machines.get(machine);
    const stage = this.#running.delete(invocation);
    if (paced === undefined || stage === undefined) return;
    this.#release(paced, invocation, cpus);
    const latency = minus(now, stage.since);
    if (measured === undefined || !(latency > 0) || !this.#rate.isDue(stage.key, now)) return;
    paced.observe({
      key: stage.key,
      payload: stage.payload,
      clocks: stage.clocks,
      latency,
      power: measured.power,
      counters: measured.counters,
    });
    this.#plans.noteLearnt();
  }

  forget(fn: FunctionName): void {
    this.#rate.forget(fn);
    for (const paced of this.#machines.values()) paced.forget(fn);
  }

  /** The time for a look at the machine's load has come. */
  sample(machine: Machine): void {
    this.#output.command({ kind: "sample-load", machine: machine.capacity.name });
  }

  /** Clocks that nobody asks for any more go down. */
  settle(machine: Machine): void {
    this.#settling.delete(machine);
    this.#machines.get(machine)?.settle();
  }

  #release(paced: MachinePace, key: number, cpus: readonly number[] | undefined): void {
    if (!paced.release(key, cpus) || this.#settling.has(paced.machine)) return;
    this.#settling.add(paced.machine);
    this.#output.settleAt(plus(this.now, LINGER), paced.machine);
  }

  #situationOf(
    demand: FunctionDemand,
    { model }: MachinePace,
    { payload, variant, stage, arrived }: WaitingInvocation,
    now: Seconds,
  ): StageSituation {
    const key = variant === undefined ? demand.name : model.keyFor(stageKey(demand.name, variant));
    const base = { key, payload, grid: model.grid };
    const run = stage === undefined ? undefined : this.#runs.get(stage.run);
    if (run !== undefined && stage !== undefined) return { ...base, ...enterStage(run, stage.stage, now) };
    const { deadline } = demand;
    if (deadline === undefined || stage !== undefined)
      return { ...base, budget: undefined, slack: seconds(0), run: undefined };
    const margin = 1 + normalQuantile(FUNCTION_QUANTILE) * (model.deviation(key) ?? 0);
    return { ...base, budget: scaled(deadline, 1 / margin), slack: minus(arrived, now), run: undefined };
  }

  #scheduleSample(paced: MachinePace, now: Seconds): void {
    const at = paced.nextSample(now);
    if (at !== undefined) this.#output.sampleAt(at, paced.machine);
  }

  #anyMachine(): MachinePace | undefined {
    for (const paced of this.#machines.values()) return paced;
    return undefined;
  }
}

/** What a start asks for clocks under: apart from the numbers of invocations, which stages do. */
const startKey = (instance: InstanceNumber): number => -1 - instance;

/** Notes that the run executes the stage once more. */
function enterStage(run: Run, stage: number, now: Seconds): Pick<StageSituation, "budget" | "slack" | "run"> {
  const slack = slackOf(run, stage, now);
  run.executed[stage] = (run.executed[stage] ?? 0) + 1;
  return {
    budget: run.plan.budgets?.[stage],
    slack,
    run: { id: run.id, plan: run.plan, stage },
  };
}
