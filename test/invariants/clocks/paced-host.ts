/**
 * A host of two processors with clocks of their own, as files, and platforms on it, one at a time.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PlatformClient, Transport } from "@frugal/cli";
import { clockHost } from "../../../packages/machine/test/clock-hosts.ts";
import type { HostTree } from "../../../packages/machine/test/host-tree.ts";

/** What one processor runs at, in hertz; undefined where a governor or the hardware chooses. */
export interface ProcessorClocks {
  readonly core: number | undefined;
  readonly uncore: number | undefined;
}

const cpus = [0, 1] as const;
const folderOf = "sys/devices/system/cpu";

export class PacedHost {
  readonly #tree: HostTree = clockHost("Intel acpi-cpufreq with intel_uncore_frequency", {
    coresPerSocket: 1,
    threadsPerCore: 1,
  });
  readonly #data = mkdtempSync(join(tmpdir(), "frugal-clocks-"));
  #process: ChildProcess | undefined;
  #transport: Transport | undefined;
  /** What the platform said of itself. */
  limitations: readonly string[] = [];

  /** Starts a platform on the same data and clocks as those before. */
  async start(mode: "on" | "dry-run" | "off" = "on"): Promise<PlatformClient> {
    const program = join(import.meta.dirname, "paced-process.ts");
    const flags = ["--disable-warning=ExperimentalWarning", program, this.#tree.root, this.#data, mode];
    const child = spawn(process.execPath, flags, { stdio: ["pipe", "pipe", "pipe"] });
    this.#process = child;
    let complaints = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
    for await (const line of createInterface({ input: child.stdout })) {
      const facts = JSON.parse(line) as { readonly url: string; readonly limitations: readonly string[] };
      this.limitations = facts.limitations;
      this.#transport = new Transport({ url: facts.url, apiKey: undefined, connections: 4 });
      return new PlatformClient(this.#transport);
    }
    throw new Error(`The platform did not start:\n${complaints}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** The exit code, or the signal that killed it. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    const child = this.#process;
    if (child === undefined) return null;
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    this.#process = undefined;
    await this.#transport?.close();
    return child.exitCode ?? child.signalCode;
  }

  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    this.signal(signal);
    return this.ended();
  }

  clocksOf(cpu: number): ProcessorClocks {
    const policy = `${folderOf}/cpufreq/policy${cpu}`;
    const uncore = `${folderOf}/intel_uncore_frequency/package_0${cpu}_die_00`;
    const [lowest, highest] = [this.#hertz(`${uncore}/min_freq_khz`), this.#hertz(`${uncore}/max_freq_khz`)];
    const isSet = this.#tree.read(`${policy}/scaling_governor`) === "userspace";
    return {
      core: isSet ? this.#hertz(`${policy}/scaling_setspeed`) : undefined,
      uncore: lowest === highest ? lowest : undefined,
    };
  }

  /** All that setting clocks can change. Under another governor the kernel gives `scaling_setspeed` no meaning. */
  state(): string {
    const files = ["scaling_governor", "scaling_min_freq", "scaling_max_freq"];
    const lines = cpus.flatMap((cpu) => [
      ...files.map((file) => `${folderOf}/cpufreq/policy${cpu}/${file}`),
      ...["min", "max"].map(
        (end) => `${folderOf}/intel_uncore_frequency/package_0${cpu}_die_00/${end}_freq_khz`,
      ),
    ]);
    const set = cpus.map((cpu) => `cpu ${cpu}: ${this.clocksOf(cpu).core}`);
    return [...lines.map((file) => `${file}: ${this.#tree.read(file)}`), ...set].join("\n");
  }

  async dispose(): Promise<void> {
    await this.end("SIGKILL");
    this.#tree.dispose();
    rmSync(this.#data, { recursive: true, force: true });
  }

  #hertz(file: string): number {
    return Number(this.#tree.read(file)) * 1e3;
  }
}
