/**
 * The machine itself: Node, processor, memory.
 */
import { join } from "node:path";
import { inMebibytes, kibibytes } from "@frugal/core";
import type { HostFact } from "../host-fact.ts";
import type { HostRoots } from "../host-roots.ts";
import { readProcessor } from "../processor.ts";
import { pseudoTextOf } from "../pseudo-file.ts";

export const machineFacts = (roots: HostRoots): readonly HostFact[] => [
  nodeFact(roots),
  processorFact(roots),
  hardwareFact(roots),
  memoryFact(roots),
];

/** `engines` of package.json. */
const OLDEST_NODE = [22, 19];

function nodeFact({ nodeVersion }: HostRoots): HostFact {
  const [major = 0, minor = 0] = nodeVersion.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  const isNewEnough = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  return {
    name: "Node",
    available: isNewEnough,
    found: nodeVersion,
    without: "Frugal does not run.",
    ...(isNewEnough
      ? {}
      : { remedy: "Start Frugal through its launcher ./frugal, which brings a fitting Node" }),
  };
}

function processorFact({ procRoot, sysRoot }: HostRoots): HostFact {
  const processor = readProcessor(procRoot, sysRoot);
  const found =
    processor === undefined
      ? `${procRoot}/cpuinfo does not tell`
      : `${processor.modelName}, ${processor.architecture ?? "another instruction set"}, ` +
        `${processor.cores} cores, ${processor.threads} threads`;
  return {
    name: "processor",
    available: processor?.architecture !== undefined,
    found,
    without: "Frugal is made for x86-64 and ARM64; elsewhere there is no energy model and no isolation.",
  };
}

function hardwareFact({ procRoot, sysRoot }: HostRoots): HostFact {
  const isVirtual = readProcessor(procRoot, sysRoot)?.virtualised ?? false;
  return {
    name: "bare hardware",
    available: !isVirtual,
    found: isVirtual ? "a virtual machine" : "no hypervisor shows itself",
    without:
      "Sensors, clocks and counters are usually hidden, so energy is estimated and clocks stay as they are.",
  };
}

function memoryFact({ procRoot }: HostRoots): HostFact {
  const text = pseudoTextOf(join(procRoot, "meminfo")) ?? "";
  const total = /^MemTotal: +(\d+) kB$/m.exec(text)?.[1];
  const free = /^MemAvailable: +(\d+) kB$/m.exec(text)?.[1];
  const mebibytesOf = (size: string): string => `${inMebibytes(kibibytes(Number(size))).toFixed(0)} MiB`;
  return {
    name: "memory",
    available: total !== undefined,
    found:
      total === undefined
        ? `${procRoot}/meminfo does not tell`
        : `${mebibytesOf(total)}${free === undefined ? "" : `, ${mebibytesOf(free)} available`}`,
    without: "The platform cannot tell how many instances fit.",
  };
}
