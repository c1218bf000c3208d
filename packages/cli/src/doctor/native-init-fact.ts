import type { HostFact } from "@frugal/machine";
import { nativeInit } from "../setup/native-init.ts";

/** Whether functions can be isolated, as far as it is our own program that is missing. */
export async function nativeInitFact(): Promise<HostFact> {
  const isBuilt = (await nativeInit()).isBuilt();
  return {
    name: "native init",
    available: isBuilt,
    found: isBuilt ? "built" : "not built",
    without: "Functions run as plain child processes of the platform, unisolated.",
    ...(!isBuilt && { remedy: "Build it: frugal setup" }),
  };
}
