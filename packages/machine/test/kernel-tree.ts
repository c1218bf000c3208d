/**
 * A host's trees that answer reads and writes as the kernel does: cpufreq's governors and limits, and the uncore driver's.
 *
 * Source: Linux, drivers/cpufreq/{cpufreq.c,cpufreq_userspace.c}; limits whose minimum is above the maximum are refused, as by
 * kernels before 5.3 (later ones make them equal).
 */
import { readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { type ControlAccess, kernelAccess, MEANINGLESS } from "../src/clocks/control-point.ts";
import { namesIn } from "../src/host/pseudo-file.ts";
import type { HostTree } from "./host-tree.ts";

const INVALID = "the kernel refuses this value";

/** What happens to the next writes: `before` and `after` are the death of the process on either side of it. */
export type WriteFate = "taken" | "refused" | "before" | "after";

export class ProcessDeath extends Error {}

export class KernelTree {
  readonly tree: HostTree;
  /** Writes that reached the kernel. */
  writes = 0;
  /** Asked at each write; tests put their own. */
  fate: (path: string) => WriteFate = () => "taken";

  constructor(tree: HostTree) {
    this.tree = tree;
  }

  readonly access: ControlAccess = {
    read: (point) => kernelAccess.read(point),
    refusal: (point) => kernelAccess.refusal(point),
    write: (point, text) => {
      const fate = this.fate(point.path);
      if (fate === "refused") return `${point.path}: busy`;
      if (fate === "before") throw new ProcessDeath();
      this.writes++;
      const refusal =
        point.kind === "register" ? kernelAccess.write(point, text) : this.#store(point.path, text);
      if (fate === "after") throw new ProcessDeath();
      return refusal;
    },
  };

  /** Everything that setting clocks can change, without the clocks that hardware chooses by itself. */
  state(): string {
    const cpus = "sys/devices/system/cpu";
    const controls = ["cpufreq", "intel_uncore_frequency"].flatMap((driver) =>
      namesIn(this.tree.path(`${cpus}/${driver}`)).flatMap((folder) =>
        namesIn(this.tree.path(`${cpus}/${driver}/${folder}`))
          .filter((file) => !/cur(rent)?_freq/.test(file))
          .map((file) => `${cpus}/${driver}/${folder}/${file}`),
      ),
    );
    const registers = namesIn(this.tree.path("dev/cpu")).map((cpu) => {
      const bytes = readFileSync(this.tree.path(`dev/cpu/${cpu}/msr`));
      return `msr ${cpu}: ${bytes.toString("hex")}`;
    });
    return [...controls.map((file) => `${file}: ${this.tree.read(file)}`), ...registers].join("\n");
  }

  /** Undefined where the kernel takes `text`. */
  #store(path: string, text: string): string | undefined {
    const folder = relative(this.tree.root, dirname(path));
    const file = basename(path);
    if (file === "scaling_governor") return this.#setGovernor(folder, text);
    if (file === "scaling_setspeed") return this.#setSpeed(folder, text);
    const [minimum, maximum] = limitFiles(folder);
    if (file !== minimum && file !== maximum) throw new Error(`Nobody may write ${path}`);
    const isCrossed =
      file === minimum
        ? Number(text) > this.#number(folder, maximum)
        : Number(text) < this.#number(folder, minimum);
    if (isCrossed) return INVALID;
    this.#write(folder, file, text);
    this.#run(folder, this.#number(folder, maximum));
    return undefined;
  }

  #setGovernor(folder: string, governor: string): string | undefined {
    if (!this.#read(folder, "scaling_available_governors").split(" ").includes(governor)) return INVALID;
    this.#write(folder, "scaling_governor", governor);
    if (this.#has(folder, "scaling_setspeed")) {
      const isUserspace = governor === "userspace";
      this.#write(
        folder,
        "scaling_setspeed",
        isUserspace ? this.#read(folder, "scaling_cur_freq") : MEANINGLESS,
      );
    }
    return undefined;
  }

  #setSpeed(folder: string, text: string): string | undefined {
    if (this.#read(folder, "scaling_governor") !== "userspace") return INVALID;
    const [lowest, highest] = limitFiles(folder).map((file) => this.#number(folder, file));
    this.#run(folder, Math.min(Math.max(Number(text), lowest ?? 0), highest ?? Infinity));
    this.#write(folder, "scaling_setspeed", this.#read(folder, "scaling_cur_freq"));
    return undefined;
  }

  /** Lets the hardware run at `kilohertz`. */
  #run(folder: string, kilohertz: number): void {
    for (const file of ["scaling_cur_freq", "cpuinfo_cur_freq", "current_freq_khz"]) {
      if (this.#has(folder, file)) this.#write(folder, file, String(kilohertz));
    }
  }

  #has(folder: string, file: string): boolean {
    return namesIn(this.tree.path(folder)).includes(file);
  }

  #read(folder: string, file: string): string {
    return this.tree.read(join(folder, file));
  }

  #number(folder: string, file: string): number {
    return Number(this.#read(folder, file));
  }

  #write(folder: string, file: string, text: string): void {
    this.tree.write(join(folder, file), text);
  }
}

const limitFiles = (folder: string): readonly [minimum: string, maximum: string] =>
  folder.includes("cpufreq") ? ["scaling_min_freq", "scaling_max_freq"] : ["min_freq_khz", "max_freq_khz"];
