/**
 * Unpacking a code package into a folder that it cannot leave, with the sizes it declared and no more.
 */
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { crc32, inflateRaw } from "node:zlib";
import { messageOf } from "@frugal/core";
import {
  checkLink,
  invalidPackage,
  type PackageEntry,
  readZipDirectory,
  type ZipDirectory,
} from "./zip-directory.ts";

const inflate = promisify<Uint8Array, { readonly maxOutputLength: number }, Buffer>(inflateRaw);

/** Files unpacked at a time: enough to keep the disk and the inflating threads busy. */
const atOnce = 8;

const longestTarget = 4096;

/** Checks `zip` without writing anything; FrugalError invalid-package where it cannot be used. */
export async function checkPackage(zip: Buffer): Promise<void> {
  const directory = await readZipDirectory(zip);
  for (const item of directory.entries) {
    const content = await contentOf(directory, zip, item);
    if (item.kind === "link") checkLink(item.path, content.toString());
  }
}

/** Unpacks `zip` into `folder`, which must be empty and the caller's to remove where this throws. */
export async function unpackPackage(zip: Buffer, folder: string): Promise<void> {
  const directory = await readZipDirectory(zip);
  const queue = directory.entries.filter(({ kind }) => kind === "file").values();
  await makeFolders(directory.entries, folder);
  const workers = Array.from({ length: atOnce }, async () => {
    for (const item of queue) await writeEntry(folder, item, await contentOf(directory, zip, item));
  });
  // Every worker must have stopped before the caller removes the folder.
  const failure = (await Promise.allSettled(workers)).find((outcome) => outcome.status === "rejected");
  if (failure !== undefined) throw failure.reason;
  // Links last: nothing is ever written through one.
  for (const item of directory.entries) {
    if (item.kind !== "link") continue;
    const target = (await contentOf(directory, zip, item)).toString();
    checkLink(item.path, target);
    await symlink(target, join(folder, item.path));
  }
}

/** Instances may run as another user, so all may read, whatever the umask. */
async function makeFolders(entries: readonly PackageEntry[], root: string): Promise<void> {
  const folders = new Set<string>();
  for (const { kind, path } of entries) {
    for (let folder = kind === "folder" ? path : dirname(path); folder !== "."; folder = dirname(folder))
      folders.add(folder);
  }
  await chmod(root, 0o755);
  // Parents sort before what they contain.
  for (const folder of [...folders].sort()) {
    await mkdir(join(root, folder));
    await chmod(join(root, folder), 0o755);
  }
}

async function writeEntry(folder: string, item: PackageEntry, content: Buffer): Promise<void> {
  const path = join(folder, item.path);
  await writeFile(path, content, { flag: "wx" });
  await chmod(path, item.executable ? 0o755 : 0o644);
}

/** The entry's bytes, of exactly the size and checksum that the table of contents says. */
async function contentOf(
  { zip }: ZipDirectory,
  bytes: Buffer,
  { path, kind, entry }: PackageEntry,
): Promise<Buffer> {
  if (kind === "folder") return Buffer.alloc(0);
  if (kind === "link" && entry.uncompressedSize > longestTarget)
    throw invalidPackage(`the link "${path}" has a target that is too long`);
  let content: Buffer;
  try {
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    const stored = bytes.subarray(fileDataStart, fileDataStart + entry.compressedSize);
    // One byte of slack tells a stream that is too long from one of the right length.
    content =
      entry.compressionMethod === 0
        ? stored
        : await inflate(stored, { maxOutputLength: entry.uncompressedSize + 1 });
  } catch (cause) {
    throw invalidPackage(`"${path}" is damaged: ${messageOf(cause)}`, cause);
  }
  if (content.length !== entry.uncompressedSize)
    throw invalidPackage(`"${path}" is damaged: it does not have the size that the zip declares`);
  if (crc32(content) !== entry.crc32) throw invalidPackage(`"${path}" is damaged: its checksum is wrong`);
  return content;
}
