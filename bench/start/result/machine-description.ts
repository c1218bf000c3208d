/**
 * The machine that a measurement was made on.
 */
import { spawnSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";

export interface MachineDescription {
  readonly processor: string;
  readonly cores: number;
  readonly memoryMB: number;
  readonly kernel: string;
  readonly node: string;
  readonly python: string;
}

export function machineDescription(): MachineDescription {
  const [first] = cpus();
  const { stdout } = spawnSync("/usr/bin/python3", ["--version"], { encoding: "utf8" });
  return {
    processor: first?.model ?? "unknown",
    cores: cpus().length,
    memoryMB: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    node: process.version,
    python: (stdout as string | null)?.trim() ?? "none",
  };
}
