/**
 * Folders for the tests of packing: written from a plain description, and unpacked from an archive.
 */
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FrugalError } from "@frugal/core";
import { unzipSync } from "fflate";

/** Content by path; `link:` makes a symbolic link and `run:` an executable file. */
export type Tree = Readonly<Record<string, string>>;

export async function writeTree(folder: string, tree: Tree): Promise<string> {
  for (const [path, content] of Object.entries(tree)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    if (content.startsWith("link:")) await symlink(content.slice("link:".length), file);
    else await writeFile(file, content.replace(/^run:/, ""));
    if (content.startsWith("run:")) await chmod(file, 0o700);
  }
  return folder;
}

/** Writes an archive's files with their modes into `folder`. */
export async function unpack(zip: Uint8Array, folder: string): Promise<string> {
  const modes = modesOf(zip);
  for (const [path, content] of Object.entries(unzipSync(zip))) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    await chmod(file, (modes.get(path) ?? 0) & 0o777);
  }
  return folder;
}

/** The Unix modes in an archive's directory, by path. */
export function modesOf(zip: Uint8Array): ReadonlyMap<string, number> {
  const bytes = Buffer.from(zip);
  const modes = new Map<string, number>();
  const end = bytes.length - 22;
  for (let at = bytes.readUInt32LE(end + 16); at < end;) {
    const length = bytes.readUInt16LE(at + 28);
    const path = bytes.toString("utf8", at + 46, at + 46 + length);
    modes.set(path, bytes.readUInt32LE(at + 38) >>> 16);
    at += 46 + length + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return modes;
}

/** The message with which a folder is refused as an invalid package; undefined where it is not. */
export async function refusalOf(packing: Promise<unknown>): Promise<string | undefined> {
  try {
    await packing;
    return undefined;
  } catch (error) {
    if (error instanceof FrugalError && error.code === "invalid-package") return error.message;
    throw error;
  }
}
