/**
 * Packs a function's folder for deployment: a zip archive of its files and of the dependencies that it does not hold.
 *
 * Invariants (cited by the tests):
 *   P1  the same files give the same bytes, whenever, in whatever folder and by whomever they are packed
 *   P2  what runs in the folder runs from the unpacked archive, anywhere
 *   P3  nothing from outside the folder and its dependencies gets in
 */
import { readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type Bytes, bytes, FrugalError, inMebibytes, mebibytes } from "@frugal/core";
import { dependencyClosure } from "./dependency-closure.ts";
import { listFiles, type PackageFile } from "./package-files.ts";
import { type PathPatterns, pathPatterns } from "./path-patterns.ts";
import { hostPlatform, type TargetPlatform } from "./target-platform.ts";
import { type ZipEntry, zipArchive } from "./zip-archive.ts";

export interface PackOptions {
  /** The manifest's `package.patterns`, in order: `!pattern` leaves out, `pattern` takes back in. They follow .frugalignore. */
  readonly patterns?: readonly string[];
  /** Where the package will run; this host unless given. */
  readonly platform?: TargetPlatform;
  /** Most bytes of all files, unpacked; AWS Lambda's 250 MB unless given. */
  readonly limit?: Bytes;
}

export interface PackedFolder {
  readonly zip: Uint8Array;
  readonly files: number;
  /** Size of all files, unpacked. */
  readonly bytes: Bytes;
}

/** AWS Lambda, quotas: deployment package, unzipped. */
const unpackedLimit = mebibytes(250);
/** What a zip archive's directory can count without extensions. */
const fileLimit = 65_535;
const ignoreFile = ".frugalignore";

/** Zips `folder`. A FrugalError `invalid-package` where it holds what cannot be packed or read, or too much. */
export async function packFolder(folder: string, options: PackOptions = {}): Promise<PackedFolder> {
  const root = resolve(folder);
  const isFolder = (await stat(root).catch(() => undefined))?.isDirectory() === true;
  if (!isFolder) throw invalid(`${root} is not a folder\n  Name the folder that holds the function's code.`);
  try {
    return await packed(root, options);
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    throw invalid(`${root} cannot be read: ${error.message}\n  Mend its permissions and deploy again.`);
  }
}

async function packed(root: string, options: PackOptions): Promise<PackedFolder> {
  const files = await filesOf(root, options);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const limit = options.limit ?? unpackedLimit;
  if (files.length === 0)
    throw invalid(`${root} has no files to pack\n  See its ${ignoreFile} and patterns.`);
  if (size > limit || files.length > fileLimit) throw tooLarge(root, files, limit);

  const entries: ZipEntry[] = [];
  for (const { path, source, executable } of files) {
    entries.push({ path, content: await readFile(source), mode: modeOf(executable) });
  }
  return { zip: await zipArchive(entries), files: files.length, bytes: bytes(size) };
}

/** Regular file; readable by all and writable by none but its owner, as git keeps modes. */
const modeOf = (executable: boolean): number => (executable ? 0o100755 : 0o100644);

async function filesOf(root: string, options: PackOptions): Promise<readonly PackageFile[]> {
  const patterns = await patternsOf(root, options.patterns ?? []);
  const prunes = (path: string): boolean => !patterns.takesBack && patterns.excludes(path);
  const { added, leftOut } = await dependencyClosure(root, options.platform ?? hostPlatform());
  const own = await listFiles({
    source: root,
    target: "",
    skips: (path) => isPrivate(path) || leftOut.has(path) || prunes(path),
    excludes: patterns.excludes,
  });
  const files = [...own];
  for (const { source, target } of added) {
    if (prunes(target)) continue;
    const nested = `${target}/node_modules`;
    const skips = (path: string): boolean => path === nested || basename(path) === ".git" || prunes(path);
    files.push(...(await listFiles({ source, target, skips, excludes: patterns.excludes })));
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The folder's own exclusions, then those of the manifest with their sign turned to ours. */
async function patternsOf(root: string, fromManifest: readonly string[]): Promise<PathPatterns> {
  const ignored = await readFile(join(root, ignoreFile), "utf8").catch(() => "");
  const turned = fromManifest.map((pattern) => (pattern.startsWith("!") ? pattern.slice(1) : `!${pattern}`));
  return pathPatterns([...ignored.split("\n"), ...turned]);
}

/** Entries of the function's folder that never belong to a package. */
function isPrivate(path: string): boolean {
  const name = basename(path);
  if (path.includes("node_modules/")) return name === ".git" || /(?:^|\/)node_modules\/\.[^/]*$/.test(path);
  return [".git", ".build", ignoreFile].includes(name) || /\.test\.[^.]+$/.test(name);
}

function tooLarge(root: string, files: readonly PackageFile[], limit: Bytes): FrugalError {
  const sizes = new Map<string, number>();
  for (const { path, size } of files) sizes.set(partOf(path), (sizes.get(partOf(path)) ?? 0) + size);
  const largest = [...sizes].toSorted(([, a], [, b]) => b - a).slice(0, 5);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  return invalid(
    [
      `The package of ${root} is too large: ${inMegabytes(total)} in ${files.length} files, the limit is ${inMegabytes(limit)} and ${fileLimit}`,
      ...largest.map(([part, size]) => `  ${inMegabytes(size).padStart(10)}  ${part}`),
      `  Leave out what the function does not need with ${ignoreFile}, or with package.patterns in frugal.yaml.`,
    ].join("\n"),
    { limit, total, largest: Object.fromEntries(largest) },
  );
}

/** What a reader would leave out as a whole: a dependency, or an entry of the folder. */
const partOf = (path: string): string =>
  /^(?:node_modules\/(?:@[^/]+\/)?[^/]+|[^/]+)/.exec(path)?.[0] ?? path;

const inMegabytes = (size: number): string => `${inMebibytes(bytes(size)).toFixed(1)} MB`;

const invalid = (message: string, details: Readonly<Record<string, unknown>> = {}): FrugalError =>
  new FrugalError("invalid-package", message, { details });
