/**
 * Lists the files of a folder, following the symbolic links that stay inside it.
 */
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { FrugalError } from "@frugal/core";

export interface PackageFile {
  /** Where the file goes in the package; relative, with `/`. */
  readonly path: string;
  /** Where it is on the host. */
  readonly source: string;
  readonly size: number;
  readonly executable: boolean;
}

/** A folder to list, and where its files go in the package (`""` for the package's root). */
export interface ListedFolder {
  readonly source: string;
  readonly target: string;
  /** Whether the entry at a path in the package, and all that is in it, is not even looked at. */
  readonly skips: (path: string) => boolean;
  /** Whether the file at a path in the package is left out. */
  readonly excludes: (path: string) => boolean;
}

/** All files, in no particular order. A FrugalError `invalid-package` where a link leaves the folder or an entry is no file. */
export async function listFiles(folder: ListedFolder): Promise<readonly PackageFile[]> {
  const root = await realpath(folder.source);
  const files: PackageFile[] = [];
  const visit = async (source: string, path: string, above: readonly string[]): Promise<void> => {
    const real = await realpath(source).catch(() => undefined);
    const entry = real === undefined || !isInside(root, real) ? undefined : await stat(real);
    if (entry?.isDirectory() === true && real !== undefined) {
      if (above.includes(real)) throw unpackable(source, "is a link to a folder that it is in");
      for (const name of await readdir(source)) {
        const inside = path === "" ? name : `${path}/${name}`;
        if (!folder.skips(inside)) await visit(join(source, name), inside, [...above, real]);
      }
    } else if (folder.excludes(path)) {
      return;
    } else if (entry === undefined || real === undefined) {
      throw unpackable(
        source,
        real === undefined ? "is a link to nothing" : `is a link that leaves it, to ${real}`,
      );
    } else if (entry.isFile()) {
      files.push({ path, source: real, size: entry.size, executable: (entry.mode & 0o111) !== 0 });
    } else {
      throw unpackable(source, "is neither a file nor a folder");
    }
  };
  await visit(folder.source, folder.target, []);
  return files;
}

/** True where `path` is `folder` or in it; both real paths. */
const isInside = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);

const unpackable = (source: string, what: string): FrugalError =>
  new FrugalError(
    "invalid-package",
    `The folder cannot be packed: ${source} ${what}\n  Put a copy in its place, or name it in .frugalignore.`,
    { details: { path: source } },
  );
