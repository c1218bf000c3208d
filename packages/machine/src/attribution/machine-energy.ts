/**
 * The energy of the host it runs on, put together: the best meter, the ledger that knows what that meter knows, and the sampler
 * that feeds one from the other.
 */
import { powerModelOf } from "../energy/model/utilisation-model-meter.ts";
import { chooseReferenceServer } from "../energy/reference-servers/choose.ts";
import { type MeterChoice, type MeterSearch, selectMeter } from "../energy/select-meter.ts";
import { CpuUsage } from "../host/cpu-usage.ts";
import { readProcessor } from "../host/processor.ts";
import { EnergyLedger } from "./energy-ledger.ts";
import { EnergySampler } from "./energy-sampler.ts";

export interface MachineEnergy {
  readonly choice: MeterChoice;
  readonly ledger: EnergyLedger;
  /** To be called about once a second, and closed at the end. */
  readonly sampler: EnergySampler;
}

/** Starts counting this host's energy now. Never fails: without any meter, readings are unavailable and say why. */
export function openMachineEnergy(search: MeterSearch): MachineEnergy {
  const { procRoot, sysRoot, clock, servers } = search;
  const choice = selectMeter(search);
  const processor = readProcessor(procRoot, sysRoot);
  const threads = processor?.threads ?? 1;
  const reference = processor === undefined ? undefined : chooseReferenceServer(processor, servers);
  const ledger = new EnergyLedger({
    threads,
    powerModel: choice.meter.powerModel,
    idleModel: reference?.kind === "chosen" ? powerModelOf(reference.server, threads) : undefined,
  });
  return {
    choice,
    ledger,
    sampler: new EnergySampler({ meter: choice.meter, usage: new CpuUsage(procRoot), ledger, clock }),
  };
}
