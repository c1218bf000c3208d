import { describeEnergyMeter } from "../../test/energy-meter.contract.ts";
import {
  hwmonAverageRig,
  hwmonEnergyRig,
  hwmonPowerRig,
  modelRig,
  raplPackageRig,
  raplRig,
} from "../../test/meter-rigs.ts";

const rapl = { source: "rapl", quality: "measured" } as const;
const hwmon = { source: "hwmon", quality: "measured" } as const;

describeEnergyMeter("RAPL with packages and memory", rapl, raplRig);
describeEnergyMeter("RAPL with a package only", rapl, raplPackageRig);
describeEnergyMeter("hwmon with energy counters", hwmon, hwmonEnergyRig);
describeEnergyMeter("hwmon with power sensors", hwmon, hwmonPowerRig);
describeEnergyMeter("hwmon with an averaging power meter", hwmon, hwmonAverageRig);
describeEnergyMeter("the utilisation model", { source: "model", quality: "estimated" }, modelRig);
