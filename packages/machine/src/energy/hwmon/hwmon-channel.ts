/**
 * Finds the hwmon channels that together cover the processors.
 */
import { join } from "node:path";
import { namesIn, pseudoTextOf, readPseudoText } from "../../host/pseudo-file.ts";
import { parseCounter } from "../energy-counter.ts";
import { channelFile, type HwmonChip, hwmonChips } from "./hwmon-chip.ts";

export interface HwmonChannel {
  /** For people: `hwmon3 CPU power`. */
  readonly name: string;
  /** The file with its value in microjoules or microwatts. */
  readonly path: string;
}

export type HwmonChannels =
  | { readonly kind: "channels"; readonly chip: HwmonChip; readonly channels: readonly HwmonChannel[] }
  | { readonly kind: "unavailable"; readonly reason: string };

/** The channels to add up, of the first known chip under `<sysRoot>/class/hwmon`. */
export function findHwmonChannels(sysRoot: string): HwmonChannels {
  const folder = join(sysRoot, "class/hwmon");
  const devices = namesIn(folder).map((device) => ({
    device,
    path: join(folder, device),
    name: pseudoTextOf(join(folder, device, "name")) ?? "nameless",
  }));
  if (devices.length === 0) return { kind: "unavailable", reason: `${folder} has no sensor` };

  for (const chip of hwmonChips) {
    const chipDevices = devices.filter((device) => device.name === chip.name);
    if (chipDevices.length === 0) continue;
    if (chip.single && chipDevices.length > 1) {
      return {
        kind: "unavailable",
        reason: `${folder} has ${chipDevices.length} devices ${chip.name}, which may measure one another's consumers`,
      };
    }
    return channelsOf(chip, chipDevices);
  }
  const found = devices.map((device) => device.name).join(", ");
  return {
    kind: "unavailable",
    reason: `${folder} has no sensor that is known to cover the processors (it has ${found})`,
  };
}

interface HwmonDevice {
  readonly device: string;
  readonly path: string;
}

function channelsOf(chip: HwmonChip, devices: readonly HwmonDevice[]): HwmonChannels {
  const channels: HwmonChannel[] = [];
  for (const { device, path } of devices) {
    for (const file of namesIn(path)) {
      if (!channelFile[chip.quantity].test(file)) continue;
      const label = pseudoTextOf(join(path, file.replace(/_\w+$/, "_label")));
      if (chip.label !== undefined && !chip.label.test(label ?? "")) continue;
      const channel = { name: `${device} ${label ?? file}`, path: join(path, file) };
      const problem = channelProblem(channel);
      if (problem !== undefined) return { kind: "unavailable", reason: problem };
      channels.push(channel);
    }
  }
  if (channels.length > 0) return { kind: "channels", chip, channels };
  return { kind: "unavailable", reason: `The sensor ${chip.name} has no channel for ${chip.covers}` };
}

function channelProblem(channel: HwmonChannel): string | undefined {
  const read = readPseudoText(channel.path);
  if (read.kind === "unreadable") {
    const advice = read.reason.endsWith("permission denied") ? "; run Frugal as root" : "";
    return `Cannot read the sensor ${channel.name}: ${read.reason}${advice}`;
  }
  if (parseCounter(read.text) !== undefined) return undefined;
  return `The sensor ${channel.name} is no number: ${channel.path} has ${JSON.stringify(read.text)}`;
}
