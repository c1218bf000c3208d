/**
 * The `favordynmods` option of cgroup2 as a host setting: moving a process into a cgroup, also one of version 1, then
 * does not wait for the kernel's read-copy-update (5 to 25 ms after a pause). Forks become slightly slower instead.
 */
import { spawnSync } from "node:child_process";
import type { HostSetting } from "../host/claim.ts";
import { type CgroupMount, cgroupMounts } from "./detection.ts";

/** Of util-linux. */
const MOUNT = "mount";

export const favorMoves: HostSetting = {
  name: "cgroup-favordynmods",
  read: () => (mountOf()?.options.includes("favordynmods") === true ? "on" : "off"),
  write(value) {
    const mount = mountOf();
    if (mount === undefined) return;
    const others = mount.options.filter((option) => option !== "favordynmods");
    const options = ["remount", ...others, ...(value === "on" ? ["favordynmods"] : [])];
    spawnSync(MOUNT, ["-t", "cgroup2", "-o", options.join(","), "none", mount.folder]);
  },
};

const mountOf = (): CgroupMount | undefined => cgroupMounts().find(({ type }) => type === "cgroup2");
