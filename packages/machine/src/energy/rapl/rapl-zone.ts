/**
 * Zones of Intel's and AMD's RAPL (running average power limit) in the kernel's powercap tree.
 *
 * Zones overlap, so only some may be added: the packages, and the memory that is wired to each. `core` and `uncore` are
 * parts of a package, `psys` contains the packages, and the `intel-rapl-mmio` tree shows the packages a second time.
 * Source: Linux, Documentation/power/powercap/powercap.rst; drivers/powercap/intel_rapl_common.c.
 */
import { join } from "node:path";
import { namesIn, pseudoTextOf, readPseudoText } from "../../host/pseudo-file.ts";
import type { CounterSource } from "../counter-set.ts";
import { parseCounter } from "../energy-counter.ts";

export type RaplZones =
  | {
      readonly kind: "zones";
      /** What may be added up. */
      readonly sources: readonly CounterSource[];
      /** Memory zones that cannot be read, with the reason. */
      readonly missing: readonly string[];
    }
  | { readonly kind: "unavailable"; readonly reason: string };

const packageZone = /^package-\d+(?:-die-\d+)?$/;

/** The zones under `<sysRoot>/class/powercap` whose energies add up to the packages and their memory. */
export function findRaplZones(sysRoot: string): RaplZones {
  const folder = join(sysRoot, "class/powercap");
  const names = namesIn(folder).filter((name) => /^intel-rapl:\d+$/.test(name));
  if (names.length === 0) return { kind: "unavailable", reason: `${folder} has no intel-rapl zone` };

  const sources: CounterSource[] = [];
  const missing: string[] = [];
  for (const name of names) {
    const zoneName = pseudoTextOf(join(folder, name, "name"));
    // Zones of one name would be the same package twice.
    if (zoneName === undefined || !packageZone.test(zoneName)) continue;
    if (sources.some((source) => source.name === zoneName)) continue;
    const path = join(folder, name);
    const problem = zoneProblem(path, zoneName);
    if (problem !== undefined) return { kind: "unavailable", reason: problem };
    sources.push({ name: zoneName, ...counterOf(path), alwaysDraws: true });
    addMemory({ folder, parent: name, parentName: zoneName, sources, missing });
  }
  if (sources.length > 0) return { kind: "zones", sources, missing };
  return {
    kind: "unavailable",
    reason: `${folder} has no package zone that can be used, only parts or wholes of others`,
  };
}

interface MemorySearch {
  readonly folder: string;
  readonly parent: string;
  readonly parentName: string;
  readonly sources: CounterSource[];
  readonly missing: string[];
}

function addMemory({ folder, parent, parentName, sources, missing }: MemorySearch): void {
  for (const name of namesIn(folder).filter((entry) => entry.startsWith(`${parent}:`))) {
    const path = join(folder, name);
    if (pseudoTextOf(join(path, "name")) !== "dram") continue;
    const zoneName = `dram of ${parentName}`;
    const problem = zoneProblem(path, zoneName);
    if (problem === undefined) sources.push({ name: zoneName, ...counterOf(path), alwaysDraws: false });
    else missing.push(problem);
  }
}

const counterOf = (path: string): { readonly path: string; readonly wrapsAt: bigint } => ({
  path: join(path, "energy_uj"),
  wrapsAt: parseCounter(pseudoTextOf(join(path, "max_energy_range_uj")) ?? "") ?? 0n,
});

function zoneProblem(path: string, zoneName: string): string | undefined {
  const read = readPseudoText(join(path, "energy_uj"));
  if (read.kind === "unreadable") {
    // Since Linux 5.10, against power side channels (CVE-2020-8694).
    const advice = read.reason.endsWith("permission denied")
      ? "; only root may read it, so run Frugal as root"
      : "";
    return `Cannot read the energy counter of ${zoneName}: ${read.reason}${advice}`;
  }
  if (parseCounter(read.text) === undefined) {
    return `The energy counter of ${zoneName} is no number: ${join(path, "energy_uj")} has ${JSON.stringify(read.text)}`;
  }
  // A package has drawn energy since it was switched on; hypervisors that only pretend RAPL show 0 for ever.
  return read.text === "0"
    ? `The energy counter of ${zoneName} reads 0; a hypervisor may only pretend it`
    : undefined;
}
