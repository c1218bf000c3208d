/**
 * How an instance is started: puts what is known before the start policy, and keeps what others ask of a function's starts
 * (how long the next one takes, what it costs) up to date, so that nothing is predicted per invocation.
 */
import { energyOf, minus, plus, type Seconds, seconds, smallest, type StartKind } from "@frugal/core";
import type { StartCause } from "../command.ts";
import type { FunctionState } from "../function-state.ts";
import type { Machine } from "../route/machine.ts";
import { energyOfCpu, type EnergyCoefficients, powerOfMemory } from "./energy-coefficients.ts";
import type { StartOption, StartPolicy, StartSituation } from "./start-policy/start-policy.ts";

/** An idle instance that only a lack of memory ends is taken to stay this long. */
const LONGEST_STAY = seconds(3600);

export class StartChoice {
  readonly #policy: StartPolicy;
  readonly #coefficients: EnergyCoefficients;

  constructor(policy: StartPolicy, coefficients: EnergyCoefficients) {
    this.#policy = policy;
    this.#coefficients = coefficients;
  }

  /** After a failed start the function boots: a snapshot that cannot be restored is not tried twice in a row. */
  choose(fn: FunctionState, machine: Machine, cause: StartCause, now: Seconds): StartKind {
    const kinds = fn.starts.kindsOn(machine);
    if (kinds.length === 1 || cause === "template" || fn.failedStarts > 0) return "boot";
    const first = cause === "demand" ? fn.waiting.first : undefined;
    const waited = first === undefined ? seconds(0) : minus(now, first.arrived);
    const situation = this.#situation(fn, kinds, cause, waited);
    return this.#policy.explore(situation) ?? this.#policy.choose(situation);
  }

  /** Something was learnt about the function's starts: updates what depends on it. */
  refresh(fn: FunctionState): void {
    const { starts, demand } = fn;
    const situation = this.#situation(fn, starts.kinds, "demand", seconds(0));
    const kind = this.#policy.choose(situation);
    const next = situation.options.find((option) => option.kind === kind) ?? situation.options[0];
    fn.startTime = situation.options.some(({ isMeasured }) => isMeasured) ? next.latency : undefined;
    fn.restCosts = {
      startTime: plus(next.latency, next.service),
      startJoules: energyOfCpu(this.#coefficients, next.cpu),
      power: powerOfMemory(this.#coefficients, next.memory),
      deadline: demand.deadline,
    };
  }

  #situation(
    fn: FunctionState,
    kinds: readonly StartKind[],
    cause: StartCause,
    waited: Seconds,
  ): StartSituation {
    const { deadline } = fn.demand;
    const [boot, ...others] = kinds;
    return {
      cause,
      options: [this.#option(fn, boot ?? "boot"), ...others.map((kind) => this.#option(fn, kind))],
      timeLeft: deadline === undefined || cause !== "demand" ? undefined : minus(deadline, waited),
      starts: fn.starts.count,
    };
  }

  #option(fn: FunctionState, kind: StartKind): StartOption {
    const prediction = fn.starts.predict(kind, fn.demand, fn.serviceTime.value);
    const stay = plus(prediction.service, smallest(fn.keepFor, LONGEST_STAY));
    const ofMemory = energyOf(powerOfMemory(this.#coefficients, prediction.memory), stay);
    return { ...prediction, joules: plus(energyOfCpu(this.#coefficients, prediction.cpu), ofMemory) };
  }
}
