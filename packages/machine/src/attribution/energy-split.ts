/**
 * Splits the energy of one sampling interval by CPU time. Pure arithmetic; the ledger keeps the sums.
 *
 * Static energy is what the machine draws at rest; the rest is dynamic and follows CPU time. The platform's own share is passed
 * on to the functions in proportion to their CPU time, because it ran for them; without any function it counts as other work.
 *
 * Invariants (cited by the tests):
 *   S1  functions + static + other processes = total, to a relative 1e-9
 *   S2  no part is negative
 */
import {
  type FunctionName,
  type Joules,
  joules,
  largest,
  minus,
  plus,
  scaled,
  type Seconds,
  seconds,
  smallest,
} from "@frugal/core";

/** CPU time used during one interval. */
export interface CpuShares {
  /** By all processes of the machine together. */
  readonly machine: Seconds;
  /** By the platform's own process. */
  readonly platform: Seconds;
  readonly functions: ReadonlyMap<FunctionName, Seconds>;
}

export interface EnergySplit {
  readonly functions: ReadonlyMap<FunctionName, Joules>;
  readonly static: Joules;
  readonly otherProcesses: Joules;
  /** The part that follows CPU time: functions and other processes. */
  readonly dynamic: Joules;
  /** CPU time that the dynamic part was split by. */
  readonly busy: Seconds;
}

/**
 * `total` split by `cpu`, of which `atRest` was drawn anyway. CPU times read at slightly different moments may add up to more
 * than the machine's; then the parts are scaled down to it.
 */
export function splitEnergy(total: Joules, atRest: Joules, cpu: CpuShares): EnergySplit {
  let functionsCpu = seconds(0);
  for (const time of cpu.functions.values()) functionsCpu = plus(functionsCpu, positive(time));
  const platformCpu = positive(cpu.platform);
  const busy = largest(cpu.machine, plus(functionsCpu, platformCpu));
  if (!(busy > 0)) {
    return {
      functions: new Map(),
      static: total,
      otherProcesses: joules(0),
      dynamic: joules(0),
      busy: seconds(0),
    };
  }

  const staticEnergy = smallest(total, atRest);
  const dynamic = minus(total, staticEnergy);
  const functionsPart = (functionsCpu + platformCpu) / busy;
  const functions = new Map<FunctionName, Joules>();
  let functionsEnergy = joules(0);
  for (const [name, time] of cpu.functions) {
    const energy =
      functionsCpu > 0 ? scaled(dynamic, (positive(time) / functionsCpu) * functionsPart) : joules(0);
    functions.set(name, energy);
    functionsEnergy = plus(functionsEnergy, energy);
  }
  const rest = minus(dynamic, functionsEnergy);
  return {
    functions,
    static: staticEnergy,
    // Rounding may leave a rest just below zero where the functions used all the time there was.
    otherProcesses: rest > 0 ? rest : joules(0),
    dynamic,
    busy,
  };
}

const positive = (time: Seconds): Seconds => (time > 0 ? time : seconds(0));
