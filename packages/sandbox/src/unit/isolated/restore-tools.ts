/**
 * What a unit must hold to be dumped or restored: criu, what criu knows of this kernel, and its settings.
 */
import type { PlanRecord } from "./plan.ts";
import { kernelFeatures, KERNEL_FEATURES_IN_UNIT } from "../../snapshot/criu/kernel-features.ts";
import type { CriuInstallation } from "../../snapshot/criu/criu-installation.ts";
import { nativeProgram } from "../../native/native-programs.ts";

const PRELOAD_IN_UNIT = "/opt/frugal/limits.so";
/** As `native/init/snapshot/criu.c` names it to criu. */
const SETTINGS_IN_UNIT = "/run/criu.conf";

/**
 * The runtime and the package are mounted read-only and a snapshot's key holds their hashes, so their sizes are check
 * enough; the default, build ids, has every library opened and read.
 */
const settings = "file-validation filesize\n";

/** The records of the plan of a unit that may be dumped or restored. */
export type RestoreTools = readonly PlanRecord[];

/** `folder` keeps what criu found out about this kernel. */
export async function restoreTools(criu: CriuInstallation, folder: string): Promise<RestoreTools> {
  const features = await kernelFeatures(criu, folder);
  return [
    ...criu.mounts.map(({ source, target }): PlanRecord => ["bind", source, target]),
    ["bind", nativeProgram("frugal-limits.so"), PRELOAD_IN_UNIT],
    ["bind", features, KERNEL_FEATURES_IN_UNIT],
    ["file", SETTINGS_IN_UNIT, settings],
    ...criu.commandInUnit.map((word): PlanRecord => ["criu", word]),
    ["criu-preload", PRELOAD_IN_UNIT],
  ];
}
