/**
 * The hwmon chips whose channels are known to cover the processors, and which of their channels may be added.
 *
 * A machine's hwmon tree holds many power sensors (graphics cards, disks, regulators) that overlap or have nothing to do with
 * the processors, and nothing in the tree says which. So only chips of this list are read, and only one kind of chip, the first
 * of the list that is there; several devices of one kind are several sockets.
 * Sources: Linux, Documentation/hwmon/{sysfs-interface,amd_energy,xgene-hwmon,smpro-hwmon,acpi_power_meter}.rst and the drivers.
 */
export interface HwmonChip {
  /** Content of the device's `name` file. */
  readonly name: string;
  /** `energy` counts microjoules, `power` is microwatts at this moment, `average` microwatts over the sensor's own window. */
  readonly quantity: "energy" | "power" | "average";
  /** Channels that do not overlap, by label; undefined takes all, labelled or not. */
  readonly label: RegExp | undefined;
  /** Whether several devices of it may overlap, as nested meters do. */
  readonly single: boolean;
  /** What it covers, for people. */
  readonly covers: string;
}

export const hwmonChips: readonly HwmonChip[] = [
  {
    name: "amd_energy",
    quantity: "energy",
    // Its other channels, Ecore000 and so on, are parts of the sockets.
    label: /^Esocket\d+$/,
    single: false,
    covers: "processor sockets",
  },
  {
    name: "apm_xgene",
    quantity: "power",
    label: /^(?:CPU|IO) power$/,
    single: false,
    covers: "processor cores and the rest of the SoC",
  },
  {
    name: "smpro_hwmon",
    quantity: "power",
    label: undefined,
    single: false,
    covers: "processor cores, the rest of the SoC and memory",
  },
  { name: "amd_hsmp_hwmon", quantity: "power", label: undefined, single: false, covers: "processor sockets" },
  { name: "power_meter", quantity: "average", label: undefined, single: true, covers: "the whole machine" },
];

/** File name of a channel's value, with the channel's number as its group. */
export const channelFile: Readonly<Record<HwmonChip["quantity"], RegExp>> = {
  energy: /^energy(\d+)_input$/,
  power: /^power(\d+)_input$/,
  average: /^power(\d+)_average$/,
};
