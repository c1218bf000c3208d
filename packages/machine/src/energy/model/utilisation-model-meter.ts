/**
 * Energy from a model, for hosts without sensors: power grows from idle to full in proportion to the processors' use, with
 * the watts per hardware thread of a reference server. Never a measurement, and it says so.
 */
import {
  type EnergyReading,
  energyOf,
  joules,
  minus,
  plus,
  scaled,
  type Seconds,
  seconds,
  smallest,
  watts,
} from "@frugal/core";
import { CpuUsage } from "../../host/cpu-usage.ts";
import type { Processor } from "../../host/processor.ts";
import type { EnergyMeter, MeterProbe, MonotonicClock, PowerModel } from "../energy-meter.ts";
import { chooseReferenceServer } from "../reference-servers/choose.ts";
import type { ReferenceServer } from "../reference-servers/reference-server.ts";

export interface ModelOptions {
  /** `/proc`. */
  readonly procRoot: string;
  readonly clock: MonotonicClock;
  /** Undefined where the host does not tell. */
  readonly processor: Processor | undefined;
  readonly servers: readonly ReferenceServer[];
}

/** The model of this host, where a reference server and the processors' use are to be had. */
export function probeModel({ procRoot, clock, processor, servers }: ModelOptions): MeterProbe {
  if (processor === undefined) {
    return { kind: "unavailable", reason: `${procRoot}/cpuinfo does not tell what processor this host has` };
  }
  const choice = chooseReferenceServer(processor, servers);
  if (choice.kind === "unavailable") return choice;
  const usage = new CpuUsage(procRoot);
  const busy = usage.machineBusy();
  if (busy.kind === "unavailable") {
    usage.close();
    return busy;
  }
  const { server, because } = choice;
  return {
    kind: "found",
    meter: new UtilisationModelMeter({
      usage,
      clock,
      threads: processor.threads,
      powerModel: powerModelOf(server, processor.threads),
      description: describe(server, because, processor.threads),
    }),
  };
}

/** The power of `threads` hardware threads of a machine like `server`. */
export const powerModelOf = (server: ReferenceServer, threads: number): PowerModel => ({
  idle: watts(server.idleWattsPerThread * threads),
  perBusyThread: watts(server.fullWattsPerThread - server.idleWattsPerThread),
});

const describe = (server: ReferenceServer, because: string, threads: number): string =>
  `model: ${threads} threads like those of ${server.system} (${server.processor}, ${server.threads} threads, ` +
  `${server.idleWatts} W idle, ${server.fullWatts} W at full load; ${because}); SPECpower_ssj2008 result of ` +
  `${server.year}, spec.org/power_ssj2008, by way of Cloud Carbon Footprint (Apache-2.0)`;

interface MeterParts {
  readonly usage: CpuUsage;
  readonly clock: MonotonicClock;
  readonly threads: number;
  readonly powerModel: PowerModel;
  readonly description: string;
}

class UtilisationModelMeter implements EnergyMeter {
  readonly name = "model";
  readonly description: string;
  readonly powerModel: PowerModel;
  readonly #usage: CpuUsage;
  readonly #clock: MonotonicClock;
  readonly #threads: number;
  #before: { readonly time: Seconds; readonly busy: Seconds } | undefined;

  constructor({ usage, clock, threads, powerModel, description }: MeterParts) {
    this.#usage = usage;
    this.#clock = clock;
    this.#threads = threads;
    this.powerModel = powerModel;
    this.description = description;
  }

  measure(): EnergyReading {
    const time = this.#clock.now();
    const usage = this.#usage.machineBusy();
    if (usage.kind === "unavailable") return usage;
    const busy = usage.time;
    const before = this.#before;
    const interval = before === undefined ? seconds(0) : minus(time, before.time);
    if (before === undefined || interval > 0) this.#before = { time, busy };
    if (before === undefined || !(interval > 0)) return this.#amount(seconds(0), seconds(0));
    const used = minus(busy, before.busy);
    if (used < 0) return { kind: "unavailable", reason: "The processors' use went backwards" };
    // The kernel counts whole ticks, so a short interval may show more use than it has time.
    return this.#amount(interval, smallest(used, scaled(interval, this.#threads)));
  }

  close(): void {
    this.#usage.close();
  }

  #amount(interval: Seconds, busy: Seconds): EnergyReading {
    const { idle, perBusyThread } = this.powerModel;
    return {
      kind: "energy",
      joules: interval > 0 ? plus(energyOf(idle, interval), energyOf(perBusyThread, busy)) : joules(0),
      source: "model",
      quality: "estimated",
      interval,
      detail: this.description,
    };
  }
}
