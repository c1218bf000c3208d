/**
 * The processes of one platform as the host sees them, by the part that each plays.
 */
import { readdirSync, readFileSync } from "node:fs";

export type Role =
  | "daemon"
  | "pager"
  /** The outer process of a unit: it supervises from the host. */
  | "supervisor"
  /** pid 1 of a unit. */
  | "first-process"
  /** criu, at work or waiting for it. */
  | "worker"
  /** Copies between the streams of a template and the platform's. */
  | "copier"
  /** The function's process, criu's until it is restored. */
  | "function";

export interface HostProcess {
  readonly pid: number;
  readonly role: Role;
  /** The pid of its unit's supervisor; its own where it belongs to none. */
  readonly unit: number;
  /** Of a unit: whether its image is just being restored. */
  readonly isRestoring: boolean;
  /** Of a unit: whether it is a template. */
  readonly isTemplate: boolean;
}

interface Seen {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** In ticks since the host started. */
  readonly started: number;
}

/** Fixed by the native init. */
const FUNCTION_PID = 100;
const FUNCTION_USER = 64999;

/** What runs on this host, but threads of the kernel and what ends meanwhile. */
function hostProcesses(): readonly Seen[] {
  return readdirSync("/proc").flatMap((name) => {
    const stat = /^\d+$/.test(name) ? textOf(`/proc/${name}/stat`) : "";
    const end = stat.lastIndexOf(")");
    if (end === -1) return [];
    const fields = stat.slice(end + 2).split(" ");
    // A zombie is nothing but a notice to its parent.
    if (fields[0] === "Z" || fields[0] === "X") return [];
    return [
      {
        pid: Number(name),
        parent: Number(fields[1]),
        name: stat.slice(stat.indexOf("(") + 1, end),
        started: Number(fields[19]),
      },
    ];
  });
}

/** The daemon that this process has started, and everything below it. */
export function platformProcesses(daemon: number): readonly HostProcess[] {
  const all = hostProcesses();
  const below = (parent: number): readonly Seen[] => all.filter((one) => one.parent === parent);
  const processes: HostProcess[] = [part(daemon, "daemon")];
  for (const child of below(daemon)) {
    if (child.name === "frugal-pager") processes.push(part(child.pid, "pager"));
    if (child.name !== "frugal-init") continue;
    const unit: HostProcess[] = [part(child.pid, "supervisor")];
    for (const first of below(child.pid)) {
      unit.push(part(first.pid, "first-process"));
      for (const inner of below(first.pid)) {
        const role = roleInUnit(inner);
        if (role !== undefined) unit.push(part(inner.pid, role));
      }
    }
    const isTemplate = unit.some(({ role }) => role === "copier");
    const isRestoring = unit.some(({ pid, role }) => role === "function" && isCriu(nameOf(pid)));
    processes.push(...unit.map((one) => ({ ...one, unit: child.pid, isTemplate, isRestoring })));
  }
  return processes;
}

/** The daemon among the children of this process. */
export function daemonProcess(): number | undefined {
  return hostProcesses().find(
    ({ pid, parent }) => parent === process.pid && textOf(`/proc/${pid}/cmdline`).includes("\0up\0"),
  )?.pid;
}

/** Processes of units and pagers that began at `since` or later and belong to no platform that still runs. */
export function orphans(since: number): readonly string[] {
  const all = hostProcesses();
  const byPid = new Map(all.map((one) => [one.pid, one]));
  const isOwned = (one: Seen): boolean => {
    for (let at: Seen | undefined = one; at !== undefined; at = byPid.get(at.parent)) {
      if (/^(node|MainThread|frugal)$/.test(at.name)) return true;
    }
    return false;
  };
  return all
    .filter(
      (one) =>
        one.started >= since && (isNative(one.name) || userOf(one.pid) === FUNCTION_USER) && !isOwned(one),
    )
    .map(({ pid, name, parent }) => `${name} (pid ${pid}, child of ${parent})`);
}

export const startOf = (pid: number): number =>
  hostProcesses().find((one) => one.pid === pid)?.started ?? Number.NaN;

const part = (pid: number, role: Role): HostProcess => ({
  pid,
  role,
  unit: pid,
  isRestoring: false,
  isTemplate: false,
});

function roleInUnit({ pid, name }: Seen): Role | undefined {
  if (innerPid(pid) === FUNCTION_PID) return "function";
  if (isCriu(name)) return "worker";
  return name === "frugal-init" ? "copier" : undefined;
}

const isNative = (name: string): boolean => name === "frugal-init" || name === "frugal-pager" || isCriu(name);
/** criu is started through the loader that came with it. */
const isCriu = (name: string): boolean => /^(criu|ld-linux)/.test(name);

const nameOf = (pid: number): string => textOf(`/proc/${pid}/comm`).trim();
const userOf = (pid: number): number => Number(/^Uid:\s+(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1]);
const innerPid = (pid: number): number =>
  Number(/^NSpid:.*?(\d+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1]);

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
