/**
 * How busy each processor was since the last look, for governors that go by load.
 */
import { join } from "node:path";
import { type Ratio, ratio } from "@frugal/core";
import { readPseudoText } from "./pseudo-file.ts";

interface Ticks {
  readonly busy: number;
  readonly all: number;
}

export class CpuLoads {
  readonly #path: string;
  #last = new Map<number, Ticks>();

  /** `procRoot` is `/proc`. */
  constructor(procRoot: string) {
    this.#path = join(procRoot, "stat");
    this.#last = this.#read();
  }

  /** The busy share of the busiest processor of each group, since the last call; zero where the kernel shows nothing. */
  sample(groups: readonly (readonly number[])[]): readonly Ratio[] {
    const before = this.#last;
    const now = this.#read();
    this.#last = now;
    const loadOf = (cpu: number): number => {
      const [from, to] = [before.get(cpu), now.get(cpu)];
      if (from === undefined || to === undefined || to.all <= from.all) return 0;
      return Math.min(1, Math.max(0, (to.busy - from.busy) / (to.all - from.all)));
    };
    return groups.map((cpus) => ratio(Math.max(0, ...cpus.map(loadOf))));
  }

  /** Lines `cpu<N> user nice system idle iowait irq softirq steal ...` (proc_stat(5)); guest time is in user already. */
  #read(): Map<number, Ticks> {
    const read = readPseudoText(this.#path);
    const ticks = new Map<number, Ticks>();
    if (read.kind === "unreadable") return ticks;
    for (const [, cpu, numbers] of read.text.matchAll(/^cpu(\d+) ([\d ]+)$/gm)) {
      const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, steal = 0] = (
        numbers ?? ""
      )
        .split(" ")
        .map(Number);
      const busy = user + nice + system + irq + softirq;
      ticks.set(Number(cpu), { busy, all: busy + idle + wait + steal });
    }
    return ticks;
  }
}
