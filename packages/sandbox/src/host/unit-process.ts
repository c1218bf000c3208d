/**
 * A unit's function as the host sees it: the process whose pid in its own namespace is that of the function.
 */
import { readFileSync } from "node:fs";

/** Fixed by the native init (`native/init/stages.h`). */
const FUNCTION_PID = 100;

/** Its pid on the host, or undefined where it does not run (any more). `init` is the pid of the unit's outer process. */
export function functionProcess(init: number): number | undefined {
  for (const first of childrenOf(init)) {
    const found = childrenOf(first).find((child) => innerPid(child) === FUNCTION_PID);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Memory that belongs to the process alone, in KiB, as `smaps_rollup` sums it up; undefined where it has ended. */
export function privateKibibytes(pid: number): number | undefined {
  const text = read(`/proc/${pid}/smaps_rollup`);
  const match = /^Private_Dirty:\s+(\d+) kB/m.exec(text);
  return match === null ? undefined : Number(match[1]);
}

const childrenOf = (pid: number): readonly number[] =>
  read(`/proc/${pid}/task/${pid}/children`)
    .split(" ")
    .filter((word) => word !== "")
    .map(Number);

/** The last of the pids that a process has, one for each namespace around it. */
const innerPid = (pid: number): number =>
  Number(/^NSpid:.*?(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? NaN);

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
