/**
 * Boot phases that functions share (RockStar): a snapshot of the language runtime alone, or with dependencies loaded. A
 * phase holds none of a function's own code, and fits every function with the same files and variables that went into it.
 *
 * Invariants (cited by the tests):
 *   B1  a phase is chosen only where each file that was loaded into it is in the function's package, byte by byte, with
 *       nothing beside it that would have been loaded instead, and each variable that was read while it was loaded has the
 *       same value
 *   B2  of those that fit, the one with the most loaded files is chosen
 *
 * What Node finds depends on all that is in its package folders (descriptions, nested and optional packages), so they are
 * to be the same as a whole. Python finds modules by their names alone: where none was, none may be.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FrugalError } from "@frugal/core";
import type { LoadingReport } from "../runtime/language-runtime.ts";
import type { InstanceSpec } from "../instance-spec.ts";
import type { UnitSpec } from "../unit/unit.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import type { Manifest } from "./catalogue/manifest.ts";
import type { Snapshot } from "./catalogue/shelf.ts";
import type { Identity } from "./identity.ts";

const PACKAGE = "/var/task/";
const NODE_PACKAGES = "node_modules";

/** What went into a phase beside the runtime. */
export type PhaseContent = NonNullable<Manifest["phase"]>;

/** That of the runtime alone. */
export const noContent: PhaseContent = { files: [], environment: [], absences: [] };

export class Phases {
  readonly #catalogue: Catalogue;
  readonly #identity: Identity;
  /** Checksums by path on the host: packages and installed libraries do not change under a running platform. */
  readonly #sums = new Map<string, Promise<string | undefined>>();

  constructor(catalogue: Catalogue, identity: Identity) {
    this.#catalogue = catalogue;
    this.#identity = identity;
  }

  /** The phase that `spec` starts furthest from; `plan` is that of a template of the runtime. */
  async furthestFor(spec: InstanceSpec, plan: UnitSpec): Promise<Snapshot | undefined> {
    const candidates = this.#catalogue
      .list()
      .filter((phase) => phase.manifest.phase !== undefined && this.#isUsable(phase, spec, plan))
      .sort((a, b) => filesOf(b) - filesOf(a));
    for (const candidate of candidates) {
      const { phase } = candidate.manifest;
      if (phase !== undefined && (await this.#fits(phase, spec, plan))) return candidate;
    }
    return undefined;
  }

  /** What went into a phase of which `report` tells. */
  async contentOf(report: LoadingReport, spec: InstanceSpec): Promise<PhaseContent> {
    const paths = report.files.map(({ path }) => path);
    const loaded = await Promise.all(
      paths.map(async (path) => ({ path, sha256: await this.#expectSum(path, spec) })),
    );
    const files = [...loaded];
    const absences = [...report.absences];
    for (const path of packageFoldersOf(paths)) {
      const sha256 = await this.#sumOf(path, spec);
      if (sha256 === undefined) absences.push(path);
      else files.push({ path, sha256 });
    }
    const environment = Object.entries(report.environmentReads)
      .map(([name, value]) => readOf(name, value ?? undefined))
      .sort();
    return { files, environment, absences: absences.sort() };
  }

  #isUsable({ id, manifest }: Snapshot, spec: InstanceSpec, plan: UnitSpec): boolean {
    const { kind, key } = manifest;
    const finding = this.#catalogue.find(this.#identity.keyOf(kind, spec, plan, key["content"]));
    // Another one may have the same content: every runtime's first phase has none.
    return finding.kind === "found" && finding.snapshot.id === id;
  }

  async #fits(
    { files, environment, absences }: PhaseContent,
    spec: InstanceSpec,
    plan: UnitSpec,
  ): Promise<boolean> {
    const isSame = environment.every((read) => {
      const name = read.split("=")[0] ?? "";
      return readOf(name, plan.environment[name]) === read;
    });
    if (!isSame) return false;
    for (const { path, sha256 } of files) if ((await this.#sumOf(path, spec)) !== sha256) return false;
    for (const path of absences) if (await isThere(hostPathOf(path, spec))) return false;
    return true;
  }

  async #expectSum(path: string, spec: InstanceSpec): Promise<string> {
    const sum = await this.#sumOf(path, spec);
    if (sum !== undefined) return sum;
    throw new FrugalError("snapshot-unusable", `the file ${path} that it loaded cannot be read on the host`);
  }

  /** Undefined where there is no such file. */
  #sumOf(path: string, spec: InstanceSpec): Promise<string | undefined> {
    const file = hostPathOf(path, spec);
    let sum = this.#sums.get(file);
    if (sum === undefined) this.#sums.set(file, (sum = checksum(file)));
    return sum;
  }
}

/** Names a phase's content in its key. */
export const contentName = (content: PhaseContent): string =>
  createHash("sha256").update(JSON.stringify(content)).digest("hex");

const filesOf = ({ manifest }: Snapshot): number => manifest.phase?.files.length ?? 0;

/** A variable as it was read; its value may be a secret. */
const readOf = (name: string, value: string | undefined): string =>
  value === undefined ? name : `${name}=${createHash("sha256").update(value).digest("hex")}`;

const hostPathOf = (path: string, { codeDirectory }: InstanceSpec): string =>
  `${path}/`.startsWith(PACKAGE) ? join(codeDirectory, path.slice(PACKAGE.length)) : path;

/** The folders in which Node has looked for packages, from those of `paths` up to the one beside the function's code. */
function packageFoldersOf(paths: readonly string[]): readonly string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    const at = path.indexOf(`/${NODE_PACKAGES}/`);
    if (at === -1 || !path.startsWith(PACKAGE)) continue;
    for (let folder = path.slice(0, at); `${folder}/`.startsWith(PACKAGE); folder = dirname(folder)) {
      folders.add(join(folder, NODE_PACKAGES));
    }
  }
  return [...folders].sort();
}

/** Whether there is a file or folder of that path, or one with an ending more. */
async function isThere(path: string): Promise<boolean> {
  const name = basename(path);
  const names = await readdir(dirname(path)).catch(() => []);
  return names.some((one) => one === name || one.startsWith(`${name}.`));
}

/** Of a file, or of all that is in a folder. */
async function checksum(path: string): Promise<string | undefined> {
  try {
    const content = (await stat(path)).isDirectory() ? await inventory(path) : await readFile(path);
    return createHash("sha256").update(content).digest("hex");
  } catch {
    return undefined;
  }
}

/** Names and checksums. */
async function inventory(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  const lines: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    const content = entry.isSymbolicLink() ? `-> ${await readlink(path)}` : await checksum(path);
    lines.push(`${entry.name}\0${content ?? "unreadable"}\n`);
  }
  return lines.join("");
}
