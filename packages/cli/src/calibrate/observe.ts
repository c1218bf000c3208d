/**
 * Sweeps the clocks of a machine and watches functions run: one observation for each execution.
 *
 * Rounds follow on each other, each with all settings and all inputs, so that a machine that gets warmer or slower does so for all
 * settings alike.
 *
 * Invariants (cited by the tests):
 *   O1  the clocks are let go of however the sweep ends
 *   O2  an execution is observed only if its clocks were in force and its instance was warm
 *   O3  power is that of a meter; a modelled one would teach a model nothing but itself
 */
import { type ClockSetting, FrugalError, minutes, seconds, stageKey, type Watts, watts } from "@frugal/core";
import { type CounterSet, hardwareCounters, softwareCounters, type StageObservation } from "@frugal/predict";
import type { ClocksSetView } from "../client/node-schemas.ts";
import type { PlatformClient } from "../client/platform-client.ts";
import type { InvocationView } from "../client/schemas.ts";
import type { NodeClocks } from "./clock-sweep.ts";
import { type CalibrationCall, type KnownCall, knownCalls } from "./workload.ts";

export interface Sweep {
  readonly clocks: NodeClocks;
  readonly settings: readonly ClockSetting[];
  readonly calls: readonly CalibrationCall[];
  /** Executions of each input at each setting. */
  readonly rounds: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export interface Observations {
  /** In the order of the sweep. */
  readonly all: readonly StageObservation[];
  /** What the counters of the observations are. */
  readonly counterSet: CounterSet;
  /** Executions that do not count: cold ones, and those that ran longer than the clocks were held. */
  readonly leftOut: number;
}

/** How long the clocks are held for one execution; where this process is killed, they are the platform's again after it. */
const LEASE = minutes(5);

interface Execution {
  readonly call: KnownCall;
  readonly setting: ClockSetting;
  readonly view: InvocationView;
}

export async function observe(client: PlatformClient, sweep: Sweep): Promise<Observations> {
  const { clocks, settings, rounds, signal, onProgress } = sweep;
  const calls = await knownCalls(client, sweep.calls);
  const executions: Execution[] = [];
  const total = rounds * settings.length * calls.length;
  for (const call of calls) await invoke(client, call);
  try {
    for (let round = 0; round < rounds; round++) {
      for (const setting of settings) {
        for (const call of calls) {
          signal.throwIfAborted();
          // Before each execution: the lease begins anew, and a clock that is set already costs nothing.
          refuseFailed(await client.node.setClocks(clocks.wishFor(setting), LEASE));
          executions.push({ call, setting, view: await invoke(client, call) });
          onProgress(executions.length, total);
        }
      }
    }
  } finally {
    await client.node.giveClocksBack();
  }
  return observationsOf(executions);
}

async function invoke(
  client: PlatformClient,
  { function: name, payload }: CalibrationCall,
): Promise<InvocationView> {
  const { view } = await client.invoke(name, payload, false);
  if (view.state === "succeeded") return view;
  throw new FrugalError(
    "function-failed",
    `${name} failed: ${view.error?.errorMessage ?? view.state}\n` +
      "Give inputs that it accepts, with --payload or --payloads",
  );
}

function refuseFailed({ clocks }: ClocksSetView): void {
  const failed = clocks.find(({ state }) => state !== "set");
  if (failed === undefined) return;
  const { kind, domain, reason = "the platform only notes clocks (dry-run)" } = failed;
  throw new FrugalError(
    "host-unsupported",
    `The ${kind} clock of domain ${domain} could not be set: ${reason}\nSee what this host offers: frugal doctor`,
  );
}

function observationsOf(executions: readonly Execution[]): Observations {
  const warm = executions.filter(({ view }) => counts(view));
  const isCounted = warm.every(({ view }) =>
    hardwareCounters.counters.every(({ name }) => view.counters?.[name] !== undefined),
  );
  const counterSet = isCounted && warm.length > 0 ? hardwareCounters : softwareCounters;
  return {
    all: warm.map((execution) => observationOf(execution, counterSet)),
    counterSet,
    leftOut: executions.length - warm.length,
  };
}

const counts = ({ start, waitSeconds = 0, durationSeconds }: InvocationView): boolean =>
  start !== "cold" && durationSeconds !== undefined && waitSeconds + durationSeconds < LEASE;

function observationOf({ call, setting, view }: Execution, counterSet: CounterSet): StageObservation {
  const known = { payloadBytes: call.payload.length, ...view.counters };
  return {
    key: stageKey(call.function, call.work.variant),
    payload: call.work.size,
    clocks: setting,
    latency: seconds(view.durationSeconds ?? 0),
    power: powerOf(view),
    counters: Float64Array.from(counterSet.counters, ({ name }) => counterOf(known, name)),
  };
}

const counterOf = (counters: Readonly<Record<string, number>>, name: string): number => counters[name] ?? NaN;

/** Of a meter, the machine's static power apart, as the platform attributes energy to invocations. */
function powerOf({ energy, durationSeconds = 0 }: InvocationView): Watts | undefined {
  if (energy?.kind !== "energy" || energy.source === "model" || !(durationSeconds > 0)) return undefined;
  return watts(energy.joules / durationSeconds);
}
