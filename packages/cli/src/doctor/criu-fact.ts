import type { HostFact } from "@frugal/machine";

/** Whether functions can be dumped and restored, and by which criu. */
export async function criuFact(): Promise<HostFact> {
  const { findCriu } = await import("@frugal/sandbox");
  const search = await findCriu();
  return {
    name: "criu",
    available: search.kind === "found",
    found:
      search.kind === "missing"
        ? search.reason
        : `${search.criu.version}, ${search.criu.prefix ?? search.criu.command[0]}`,
    without: "Functions start by booting, not from snapshots.",
  };
}
