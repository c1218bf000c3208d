/**
 * Finds the packages that a function's folder depends on but does not hold, and where each goes in the package.
 *
 * Dependencies are found as Node finds them: in the `node_modules` of the folder that asks and of every folder above it, so that
 * what a workspace installed at its top is found as well. They are laid out flat; a package whose name is taken by another version
 * goes below the package that asked for it.
 *
 * Invariants (cited by the tests):
 *   D1  from every place of the layout, each dependency resolves to the package that it resolved to on the host
 *   D2  packages that the folder holds already keep their places
 *   D3  a package made for another platform is left out where it is optional
 */
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FrugalError } from "@frugal/core";
import { type PackageManifest, readPackageManifest } from "./package-manifest.ts";
import { runsOn, type TargetPlatform } from "./target-platform.ts";

/** A package on the host and its place in the package that is being made, like `node_modules/sharp`. */
interface PlacedPackage {
  readonly source: string;
  readonly target: string;
}

export interface DependencyClosure {
  /** Packages to add to the folder's own files. */
  readonly added: readonly PlacedPackage[];
  /** Places in the folder's own `node_modules` whose files must not be packed: links (in `added`), and other platforms' packages. */
  readonly leftOut: ReadonlySet<string>;
}

export async function dependencyClosure(
  folder: string,
  platform: TargetPlatform,
): Promise<DependencyClosure> {
  const source = await realpath(folder);
  const own = await ownPackages({ source, target: "" }, platform);
  const layout = new Layout(own.held);
  const queue: PlacedPackage[] = [{ source, target: "" }, ...own.held];
  for (const place of queue) {
    for (const dependency of await dependenciesOf(place, own.linked, platform)) {
      const added = layout.add(place, dependency);
      if (added !== undefined) queue.push(added);
    }
  }
  const linked = own.linked.map(({ target }) => target);
  return { added: queue.slice(1 + own.held.length), leftOut: new Set([...own.foreign, ...linked]) };
}

interface OwnPackages {
  /** Real folders, those nearer to the top first. */
  readonly held: readonly PlacedPackage[];
  /** Links, as `npm link`, pnpm and workspaces make them. */
  readonly linked: readonly PlacedPackage[];
  /** Places of packages made for another platform. */
  readonly foreign: readonly string[];
}

async function ownPackages(at: PlacedPackage, platform: TargetPlatform): Promise<OwnPackages> {
  const held: PlacedPackage[] = [];
  const linked: PlacedPackage[] = [];
  const foreign: string[] = [];
  const above: PlacedPackage[] = [at];
  for (const { source, target } of above) {
    for (const name of await packageNames(join(source, "node_modules"))) {
      const place = { source: join(source, "node_modules", name), target: below(target, name) };
      const manifest = await readPackageManifest(place.source);
      if (manifest !== undefined && !runsOn(manifest, platform)) foreign.push(place.target);
      else if ((await lstat(place.source)).isSymbolicLink()) linked.push(place);
      else {
        held.push(place);
        above.push(place);
      }
    }
  }
  return { held, linked, foreign };
}

/** Names of the packages in a `node_modules` folder; none where there is no such folder. */
async function packageNames(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    if (name.startsWith(".")) continue;
    if (!name.startsWith("@")) names.push(name);
    else
      for (const scoped of await readdir(join(folder, name)).catch(() => [])) names.push(`${name}/${scoped}`);
  }
  return names.toSorted();
}

interface Dependency {
  readonly name: string;
  /** Its real folder on the host. */
  readonly source: string;
}

/** What the package at `place` depends on, as installed on the host. */
async function dependenciesOf(
  place: PlacedPackage,
  linked: readonly PlacedPackage[],
  platform: TargetPlatform,
): Promise<readonly Dependency[]> {
  const manifest = await readPackageManifest(place.source);
  const found: Dependency[] = [];
  for (const link of linked) {
    const name = nameBelow(place.target, link.target);
    const source = name === undefined ? undefined : await realpath(link.source).catch(() => undefined);
    if (name !== undefined && source !== undefined) found.push({ name, source });
  }
  for (const name of [...(manifest?.required ?? []), ...(manifest?.optional ?? [])].toSorted()) {
    const optional = manifest?.optional.includes(name) === true;
    const dependency = await resolved(name, place.source);
    if (dependency === undefined) {
      if (!optional) throw notInstalled(name, place);
    } else if (runsOn(dependency.manifest, platform)) {
      found.push({ name, source: dependency.source });
    } else if (!optional) {
      throw madeForElsewhere(name, place, platform);
    }
  }
  return found;
}

async function resolved(
  name: string,
  from: string,
): Promise<{ readonly source: string; readonly manifest: PackageManifest } | undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    const isFolder = (await stat(candidate).catch(() => undefined))?.isDirectory() === true;
    if (basename(folder) !== "node_modules" && isFolder) {
      const source = await realpath(candidate);
      const manifest = await readPackageManifest(source);
      if (manifest !== undefined) return { source, manifest };
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/** Which package is at which place. */
class Layout {
  readonly #sources: Map<string, string>;

  constructor(held: readonly PlacedPackage[]) {
    this.#sources = new Map(held.map(({ source, target }) => [target, source]));
  }

  /** Makes `dependency` resolve from `place`; undefined where it does already, else the place that it was given. */
  add(place: PlacedPackage, { name, source }: Dependency): PlacedPackage | undefined {
    for (let above: string | undefined = place.target; above !== undefined; above = ownerOf(above)) {
      const target = below(above, name);
      const found = this.#sources.get(target);
      if (found === source) return undefined;
      if (found !== undefined) return this.#put(below(place.target, name), source);
    }
    return this.#put(below("", name), source);
  }

  #put(target: string, source: string): PlacedPackage {
    this.#sources.set(target, source);
    return { source, target };
  }
}

const below = (place: string, name: string): string =>
  place === "" ? `node_modules/${name}` : `${place}/node_modules/${name}`;

/** The place that holds `place` in its node_modules; undefined for the top. */
function ownerOf(place: string): string | undefined {
  if (place === "") return undefined;
  const at = place.lastIndexOf("node_modules/");
  return place.slice(0, Math.max(0, at - 1));
}

/** The package name of `target` where it is directly in the node_modules of `place`. */
function nameBelow(place: string, target: string): string | undefined {
  const prefix = below(place, "");
  const name = target.startsWith(prefix) ? target.slice(prefix.length) : undefined;
  return name?.includes("node_modules/") === true ? undefined : name;
}

const notInstalled = (name: string, place: PlacedPackage): FrugalError =>
  new FrugalError(
    "invalid-package",
    `${join(place.source, "package.json")} depends on "${name}", which is not installed\n  Run npm install there and deploy again.`,
    { details: { dependency: name, folder: place.source } },
  );

const madeForElsewhere = (name: string, place: PlacedPackage, { os, cpu }: TargetPlatform): FrugalError =>
  new FrugalError(
    "invalid-package",
    `${join(place.source, "package.json")} depends on "${name}", which does not run on ${os} ${cpu}\n  Make it an optional dependency, or use another package.`,
    { details: { dependency: name, folder: place.source } },
  );
