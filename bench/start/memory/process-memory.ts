/**
 * Memory of processes as the kernel counts it (proc_pid_smaps_rollup).
 */
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessMemory {
  /** Pages that the process alone has, and has written: what one more instance costs. */
  readonly privateDirtyBytes: number;
  /** Its share of all pages that it has. */
  readonly proportionalBytes: number;
  readonly residentBytes: number;
}

/** Processes under this one whose environment has `variable` (NAME=value) at their start. */
export function descendantsWith(variable: string): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? textOf(`/proc/${pid}/stat`) : "";
    // The name of the program, in parentheses, may hold anything.
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    if (stat !== "") parents.set(pid, parent);
  }
  return [...parents.keys()].filter(
    (pid) => isBelow(pid, parents) && textOf(`/proc/${pid}/environ`).split("\0").includes(variable),
  );
}

/** Of all these processes together; undefined where one of them is gone. */
export function memoryOf(pids: readonly number[]): ProcessMemory | undefined {
  const all = pids.map((pid) => textOf(`/proc/${pid}/smaps_rollup`));
  if (all.length === 0 || all.includes("")) return undefined;
  const sumOf = (field: string): number =>
    all.reduce(
      (sum, text) => sum + Number(new RegExp(`^${field}: +(\\d+) kB`, "m").exec(text)?.[1] ?? 0),
      0,
    ) * 1024;
  return {
    privateDirtyBytes: sumOf("Private_Dirty"),
    proportionalBytes: sumOf("Pss"),
    residentBytes: sumOf("Rss"),
  };
}

function isBelow(pid: number, parents: ReadonlyMap<number, number>): boolean {
  for (let at = parents.get(pid); at !== undefined && at > 1; at = parents.get(at)) {
    if (at === process.pid) return true;
  }
  return false;
}

/** Empty where the process is gone. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
