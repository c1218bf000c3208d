/**
 * Clocks opened on a host's trees, and opened again as after a restart of the platform.
 */
import { join } from "node:path";
import type { ClockPort } from "@frugal/core";
import { onTestFinished } from "vitest";
import { type ClockOptions, openClocks } from "../src/clocks/open-clocks.ts";
import { clockHost, type ClockHostName } from "./clock-hosts.ts";
import { KernelTree } from "./kernel-tree.ts";

export class ClockTestbed {
  readonly kernel: KernelTree;
  /** What could not be put back, in the order in which it was said. */
  readonly problems: string[] = [];

  constructor(name: ClockHostName) {
    this.kernel = new KernelTree(clockHost(name));
  }

  get journal(): string {
    return join(this.kernel.tree.root, "clocks.journal");
  }

  open(options: Partial<ClockOptions> = {}): ClockPort {
    return openClocks({
      mode: "on",
      roots: this.kernel.tree,
      journal: this.journal,
      report: (problem) => this.problems.push(problem),
      access: this.kernel.access,
      ...options,
    });
  }

  dispose(): void {
    this.kernel.tree.dispose();
  }
}

/** A testbed that lives as long as the running test. */
export function clockTestbed(name: ClockHostName): ClockTestbed {
  const testbed = new ClockTestbed(name);
  onTestFinished(() => testbed.dispose());
  return testbed;
}
