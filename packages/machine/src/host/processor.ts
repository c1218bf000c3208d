/**
 * The host's processor as /proc/cpuinfo shows it.
 */
import { join } from "node:path";
import type { Architecture } from "@frugal/core";
import { pseudoTextOf } from "./pseudo-file.ts";

export interface Processor {
  /** Undefined where it is neither x86-64 nor ARM64. */
  readonly architecture: Architecture | undefined;
  /** `intel`, `amd`, `arm`, or the identification of another designer of cores. */
  readonly vendor: string;
  /** The maker's name; on ARM, whose kernel knows none, the implementer and part. */
  readonly modelName: string;
  /** `family/model` on x86, `implementer/part` on ARM. */
  readonly cpuId: string | undefined;
  /** Hardware threads that are online. */
  readonly threads: number;
  /** Physical cores, as far as the kernel tells; else as many as threads. */
  readonly cores: number;
  /** Whether a hypervisor shows itself. */
  readonly virtualised: boolean;
}

const vendors: Readonly<Record<string, string>> = {
  GenuineIntel: "intel",
  AuthenticAMD: "amd",
  "0x41": "arm",
};

/** The processor of the host; undefined where `<procRoot>/cpuinfo` cannot be read. `procRoot` is `/proc`, `sysRoot` `/sys`. */
export function readProcessor(procRoot: string, sysRoot: string): Processor | undefined {
  const blocks = processorBlocks(procRoot);
  const [first] = blocks;
  if (first === undefined) return undefined;
  const threads = blocks.length;
  const implementer = first.get("CPU implementer");
  if (implementer === undefined) return x86(first, blocks);
  return arm({ first, implementer, threads, isVirtual: hasHypervisor(procRoot, sysRoot) });
}

/** What /proc/cpuinfo says of one hardware thread, by field. */
type Fields = ReadonlyMap<string, string>;

/** What `<procRoot>/cpuinfo` says, a block for each hardware thread; empty where it cannot be read. */
export const processorBlocks = (procRoot: string): readonly Fields[] =>
  (pseudoTextOf(join(procRoot, "cpuinfo")) ?? "")
    .split(/\n\s*\n/)
    .map(fieldsOf)
    .filter((block) => block.has("processor"));

const fieldsOf = (block: string): Fields =>
  new Map(
    block.split("\n").map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    }),
  );

function x86(first: Fields, blocks: readonly Fields[]): Processor {
  const vendorId = first.get("vendor_id");
  const family = first.get("cpu family");
  const model = first.get("model");
  const coreNames = new Set(blocks.map((block) => `${block.get("physical id")}/${block.get("core id")}`));
  return {
    architecture: vendorId === undefined ? undefined : "x86_64",
    vendor: vendors[vendorId ?? ""] ?? vendorId ?? "unknown",
    modelName: first.get("model name") ?? "unknown",
    cpuId: family === undefined || model === undefined ? undefined : `${family}/${model}`,
    threads: blocks.length,
    cores: first.has("core id") ? coreNames.size : blocks.length,
    virtualised: (first.get("flags") ?? "").split(" ").includes("hypervisor"),
  };
}

interface ArmFacts {
  readonly first: Fields;
  readonly implementer: string;
  readonly threads: number;
  readonly isVirtual: boolean;
}

/** ARM servers have one thread per core, and /proc/cpuinfo has no topology. */
const arm = ({ first, implementer, threads, isVirtual }: ArmFacts): Processor => ({
  architecture: "arm64",
  vendor: vendors[implementer] ?? implementer,
  modelName:
    first.get("model name") ?? `ARM implementer ${implementer}, part ${first.get("CPU part") ?? "unknown"}`,
  cpuId: `${implementer}/${first.get("CPU part") ?? "unknown"}`,
  threads,
  cores: threads,
  virtualised: isVirtual,
});

/** ARM has no flag for it; firmware tables and the device tree name the usual hypervisors. */
function hasHypervisor(procRoot: string, sysRoot: string): boolean {
  const product = pseudoTextOf(join(sysRoot, "class/dmi/id/sys_vendor")) ?? "";
  return (
    /QEMU|VMware|Amazon EC2|Google|Microsoft Corporation|Xen|innotek|Parallels/i.test(product) ||
    pseudoTextOf(join(procRoot, "device-tree/hypervisor/compatible")) !== undefined ||
    pseudoTextOf(join(sysRoot, "hypervisor/type")) !== undefined
  );
}
