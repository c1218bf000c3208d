import type { HostFact } from "@frugal/machine";
import { nativePrograms } from "../setup/native-programs.ts";

/** Whether functions can be isolated, as far as it is our own program that is missing. */
export async function nativeProgramsFact(): Promise<HostFact> {
  const isBuilt = (await nativePrograms()).isBuilt();
  return {
    name: "native programs",
    available: isBuilt,
    found: isBuilt ? "built" : "not built",
    without: "Functions run as plain child processes of the platform, unisolated.",
    ...(!isBuilt && { remedy: "Build it: frugal setup" }),
  };
}
