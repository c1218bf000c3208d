/**
 * What one platform process holds on the host: a folder of its own below `/run/frugal` that names its owner, so that the
 * next process can remove what a killed one left behind. Everything else that a platform makes on the host (cgroups,
 * network namespaces, packet filter tables) carries the claim's name.
 *
 * Invariants (cited by the tests):
 *   C1  two living claims never have the same name, also within one process
 *   C2  a claim is stale exactly when its process is gone, also if its pid was given to another one
 *   C3  a host setting gets its original value back when the last living claim that changed it is released
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "@frugal/core";

/** Something of the host with one value that claims may change and put back, such as a sysctl. */
export interface HostSetting {
  /** Usable as a file name. */
  readonly name: string;
  read(): string;
  write(value: string): void;
}

const LARGEST_SEQUENCE = 36;

export class Claim {
  /** `<pid>`, or `<pid>_<n>` for further claims of the same process. */
  readonly name: string;
  readonly folder: string;
  readonly pid: number;
  readonly sequence: number;
  readonly #base: string;

  private constructor(base: string, pid: number, sequence: number) {
    this.name = sequence === 0 ? `${pid}` : `${pid}_${sequence}`;
    this.folder = join(base, this.name);
    this.pid = pid;
    this.sequence = sequence;
    this.#base = base;
  }

  static take(base = "/run/frugal"): Claim {
    mkdirSync(base, { recursive: true, mode: 0o755 });
    for (let sequence = 0; sequence < LARGEST_SEQUENCE; sequence++) {
      const claim = new Claim(base, process.pid, sequence);
      // Left by an earlier process that had our pid.
      if (claim.#isStale()) rmSync(claim.folder, { recursive: true, force: true });
      if (claim.#make()) return claim;
    }
    throw new Error(`This process has ${LARGEST_SEQUENCE} claims in ${base} already`);
  }

  /** Claims whose process is gone. */
  static stale(base = "/run/frugal"): readonly Claim[] {
    return Claim.#all(base).filter((claim) => claim.#isStale());
  }

  /** The other living claims. */
  others(): readonly Claim[] {
    return Claim.#all(this.#base).filter((claim) => claim.name !== this.name && !claim.#isStale());
  }

  static #all(base: string): readonly Claim[] {
    return namesIn(base).flatMap((name) => {
      const match = /^(\d+)(?:_(\d+))?$/.exec(name);
      return match === null ? [] : [new Claim(base, Number(match[1]), Number(match[2] ?? 0))];
    });
  }

  /** Sets `setting` to `value` until this claim is released. */
  change(setting: HostSetting, value: string): void {
    const original = this.originalOf(setting) ?? setting.read();
    mkdirSync(join(this.folder, "settings"), { recursive: true });
    writeFileSync(this.#record(setting), original);
    if (setting.read() !== value) setting.write(value);
  }

  /** Puts back the settings that nobody else needs any more. */
  restore(settings: readonly HostSetting[]): void {
    for (const setting of settings) {
      const original = textOf(this.#record(setting));
      if (original === undefined) continue;
      rmSync(this.#record(setting), { force: true });
      if (this.originalOf(setting) === undefined && setting.read() !== original) setting.write(original);
    }
  }

  /** Restores the settings and removes the folder: nothing else on the host may carry the claim's name any more. */
  release(settings: readonly HostSetting[]): void {
    this.restore(settings);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The value of `setting` before any living claim changed it, or undefined where none did. */
  originalOf(setting: HostSetting): string | undefined {
    return Claim.#all(this.#base)
      .filter((claim) => !claim.#isStale())
      .map((claim) => textOf(claim.#record(setting)))
      .find((original) => original !== undefined);
  }

  #record(setting: HostSetting): string {
    return join(this.folder, "settings", setting.name);
  }

  #make(): boolean {
    try {
      mkdirSync(this.folder, { mode: 0o755 });
    } catch (error) {
      if (isCode(error, "EEXIST")) return false;
      throw new Error(`The folder ${this.folder} cannot be made: ${messageOf(error)}`, { cause: error });
    }
    writeFileSync(join(this.folder, "started"), startOf(this.pid) ?? "");
    return true;
  }

  /** Between the folder and its file the owner is alive, so a missing file says nothing. */
  #isStale(): boolean {
    const recorded = textOf(join(this.folder, "started"));
    const living = startOf(this.pid);
    return living === undefined || (recorded !== undefined && recorded !== "" && recorded !== living);
  }
}

/**
 * When the process started, in ticks since the machine did (`/proc/<pid>/stat`, field 22); undefined where it is gone, also
 * if its parent has not taken notice of that yet (field 3).
 */
function startOf(pid: number): string | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;
