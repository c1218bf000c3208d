/**
 * An installed criu: how it is run on the host and inside a unit.
 *
 * A private one comes with the C library that it was linked against, newer than the host's. It is therefore always started
 * through its own loader, and by no shell: a wrapper would cost a millisecond of each restore.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ReadOnlyMount } from "../../unit/unit.ts";

export interface CriuInstallation {
  readonly version: string;
  readonly origin: "system" | "private";
  /** Runs it on the host: program and first arguments. */
  readonly command: readonly [string, ...string[]];
  /** The folder with its `usr`, its own loader and libraries in it; undefined for the system's. */
  readonly prefix: string | undefined;
  /** What a unit must see beside the system's `/usr` to run it. */
  readonly mounts: readonly ReadOnlyMount[];
  /** Runs it inside a unit that has `mounts`. */
  readonly commandInUnit: readonly [string, ...string[]];
}

const PREFIX_IN_UNIT = "/opt/frugal/criu";

export const systemCriu = (path: string, version: string): CriuInstallation => ({
  version,
  origin: "system",
  command: [path],
  prefix: undefined,
  mounts: [],
  commandInUnit: [path],
});

/** The one in `prefix`, or undefined where criu, its libraries or their loader are not there. */
export function privateCriu(prefix: string, version: string): CriuInstallation | undefined {
  const paths = pathsIn(prefix);
  if (paths === undefined) return undefined;
  const commandAt = (root: string): readonly [string, ...string[]] => [
    join(root, paths.loader),
    "--library-path",
    join(root, paths.libraries),
    join(root, paths.criu),
  ];
  return {
    version,
    origin: "private",
    command: commandAt(prefix),
    prefix,
    mounts: [{ source: prefix, target: PREFIX_IN_UNIT }],
    commandInUnit: commandAt(PREFIX_IN_UNIT),
  };
}

/** Relative to `prefix`, as Debian lays packages out for one architecture: usr/lib/x86_64-linux-gnu. */
function pathsIn(
  prefix: string,
): { readonly criu: string; readonly libraries: string; readonly loader: string } | undefined {
  const criu = "usr/sbin/criu";
  const folder = namesIn(join(prefix, "usr/lib")).find((name) => name.endsWith("-linux-gnu"));
  if (folder === undefined || !existsSync(join(prefix, criu))) return undefined;
  const libraries = join("usr/lib", folder);
  const loader = namesIn(join(prefix, libraries)).find((name) => /^ld-linux-.*\.so\.\d+$/.test(name));
  return loader === undefined ? undefined : { criu, libraries, loader: join(libraries, loader) };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
