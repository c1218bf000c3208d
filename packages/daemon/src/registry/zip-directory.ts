/**
 * The table of contents of a code package, checked before a byte of it is unpacked.
 *
 * Invariants (cited by the tests):
 *   Z1  no entry is placed outside the package: no absolute path, no "..", no entry beneath a file or a link
 *   Z2  no link leads outside: its target is relative, has ".." only at its start, and not more of them than folders above it
 *   Z3  one path, one entry; files, folders and links only
 *   Z4  the declared sizes, the number of files and the compression ratio are within limits, and entries share no bytes
 */
import { posix } from "node:path";
import { FrugalError, messageOf } from "@frugal/core";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { codeLimits } from "./limits.ts";

export interface PackageEntry {
  readonly kind: "file" | "folder" | "link";
  readonly path: string;
  readonly executable: boolean;
  readonly entry: Entry;
}

export interface ZipDirectory {
  readonly zip: ZipFile;
  /** Folders that lead to entries come before them. */
  readonly entries: readonly PackageEntry[];
}

export const invalidPackage = (problem: string, cause?: unknown): FrugalError =>
  new FrugalError("invalid-package", `The code package cannot be used: ${problem}`, { cause });

/** Reads and checks the table of contents; FrugalError invalid-package names the first problem and its entry. */
export async function readZipDirectory(bytes: Buffer): Promise<ZipDirectory> {
  if (bytes.length > codeLimits.zipped)
    throw invalidPackage(
      `it has ${size(bytes.length)}, more than the ${size(codeLimits.zipped)} that a zip may have. Leave out what the function does not need.`,
    );
  const found = new Map<string, PackageEntry>();
  let zip: ZipFile;
  try {
    zip = await fromBufferPromise(bytes, { strictFileNames: true });
    for await (const entry of zip.eachEntry()) {
      if (found.size >= codeLimits.files)
        throw invalidPackage(`it has more than ${codeLimits.files} files. Bundle the code.`);
      addEntry(found, entry);
    }
  } catch (cause) {
    if (cause instanceof FrugalError) throw cause;
    throw invalidPackage(`${messageOf(cause)}. Is it a complete zip file?`, cause);
  }
  const entries = [...found.values()];
  checkPlaces(found);
  checkSizes(entries, bytes.length);
  return { zip, entries };
}

function addEntry(found: Map<string, PackageEntry>, entry: Entry): void {
  const path = pathOf(entry);
  // The entry of the package's own folder says nothing.
  if (path === "") return;
  if (found.has(path)) throw invalidPackage(`it has "${path}" twice`);
  if (entry.isEncrypted()) throw invalidPackage(`"${path}" is encrypted`);
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
    throw invalidPackage(
      `"${path}" is compressed with method ${entry.compressionMethod}. Use deflate, the usual one.`,
    );
  found.set(path, { path, entry, ...attributesOf(entry, path) });
}

/** The entry's path in normal form, without a trailing slash (Z1; yauzl itself refuses absolute paths, ".." and "\"). */
function pathOf(entry: Entry): string {
  const path = posix.normalize(entry.fileName).replace(/\/$/, "");
  if (entry.fileName.includes("\0")) throw invalidPackage(`"${path}" has a NUL character in its name`);
  if (entry.fileName === "" || path.startsWith("/") || path === ".." || path.startsWith("../"))
    throw invalidPackage(`"${entry.fileName}" lies outside the package`);
  const longest = Math.max(...path.split("/").map((name) => Buffer.byteLength(name)));
  if (longest > codeLimits.nameBytes || Buffer.byteLength(path) > codeLimits.pathBytes)
    throw invalidPackage(`"${path.slice(0, 80)}..." is too long a path`);
  return path === "." ? "" : path;
}

const fileType = 0o170_000;
const kindOfType: Readonly<Record<number, PackageEntry["kind"]>> = {
  0o100_000: "file",
  0o040_000: "folder",
  0o120_000: "link",
};

/** What Unix tools note about an entry; zips from elsewhere have neither types nor modes. */
function attributesOf(entry: Entry, path: string): Pick<PackageEntry, "kind" | "executable"> {
  const named = entry.fileName.endsWith("/") ? "folder" : "file";
  const mode = entry.versionMadeBy >>> 8 === 3 ? entry.externalFileAttributes >>> 16 : 0;
  if ((mode & fileType) === 0) return { kind: named, executable: (mode & 0o111) !== 0 };
  const kind = kindOfType[mode & fileType];
  if (kind === undefined)
    throw invalidPackage(
      `"${path}" is a device or another special file. Only files, folders and links can be used.`,
    );
  if ((kind === "folder") !== (named === "folder") && entry.uncompressedSize > 0)
    throw invalidPackage(`"${path}" is both a file and a folder`);
  return { kind, executable: (mode & 0o111) !== 0 };
}

/** No entry lies beneath something that is not a folder (Z1, Z3). */
function checkPlaces(found: ReadonlyMap<string, PackageEntry>): void {
  for (const path of found.keys()) {
    for (let parent = posix.dirname(path); parent !== "."; parent = posix.dirname(parent)) {
      const kind = found.get(parent)?.kind;
      if (kind === "file" || kind === "link")
        throw invalidPackage(`"${path}" lies beneath "${parent}", which is a ${kind}`);
    }
  }
}

/** Z4. Ranges are compared with the smallest possible local header (30 bytes), so that honest zips always pass. */
function checkSizes(entries: readonly PackageEntry[], zipped: number): void {
  if (!entries.some(({ kind }) => kind === "file")) throw invalidPackage("it has no file");
  let unpacked = 0;
  for (const { entry } of entries) unpacked += entry.uncompressedSize;
  if (unpacked > codeLimits.unpacked) {
    const largest = entries
      .toSorted((a, b) => b.entry.uncompressedSize - a.entry.uncompressedSize)
      .slice(0, 3);
    throw invalidPackage(
      `unpacked it has ${size(unpacked)}, more than ${size(codeLimits.unpacked)}. ` +
        `Largest: ${largest.map(({ path, entry }) => `${path} (${size(entry.uncompressedSize)})`).join(", ")}`,
    );
  }
  if (unpacked > codeLimits.ratioFrom && unpacked / zipped > codeLimits.ratio)
    throw invalidPackage(
      `it grows ${Math.round(unpacked / zipped)} times when unpacked; more than ${codeLimits.ratio} times is taken for an attack`,
    );
  let end = 0;
  for (const { path, entry } of entries.toSorted(byOffset)) {
    if (entry.relativeOffsetOfLocalHeader < end)
      throw invalidPackage(`"${path}" shares bytes with another entry`);
    end = entry.relativeOffsetOfLocalHeader + 30 + entry.compressedSize;
  }
}

const byOffset = (a: PackageEntry, b: PackageEntry): number =>
  a.entry.relativeOffsetOfLocalHeader - b.entry.relativeOffsetOfLocalHeader;

/** Z2: with ".." only at the start, the target cannot leave through another link on its way. */
export function checkLink(path: string, target: string): void {
  const steps = target.split("/").filter((step) => step !== "" && step !== ".");
  const rises = steps.findLastIndex((step) => step === "..") + 1;
  const isPlain = steps.slice(0, rises).every((step) => step === "..");
  if (
    target === "" ||
    target.startsWith("/") ||
    target.includes("\0") ||
    !isPlain ||
    rises >= path.split("/").length
  )
    throw invalidPackage(`the link "${path}" leads out of the package, to "${target}"`);
}

const size = (amount: number): string =>
  amount >= 1024 ** 2 ? `${(amount / 1024 ** 2).toFixed(1)} MiB` : `${amount} bytes`;
