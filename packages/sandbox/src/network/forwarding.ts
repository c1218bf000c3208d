import { readFileSync, writeFileSync } from "node:fs";
import type { HostSetting } from "../host/claim.ts";

const FILE = "/proc/sys/net/ipv4/ip_forward";

/** Whether the host passes IPv4 packets between its interfaces: "0" or "1". */
export const forwarding: HostSetting = {
  name: "ip-forward",
  read: () => readFileSync(FILE, "utf8").trim(),
  write: (value) => writeFileSync(FILE, value),
};
