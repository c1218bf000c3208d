/**
 * Mappings of regular files in `/proc/<pid>/maps` (proc_pid_maps(5)).
 */
import { PAGE_SIZE } from "../image/page.ts";

export interface FileMapping {
  /** Page number of its first address. */
  readonly first: number;
  /** Pages. */
  readonly count: number;
  /** Of its first byte in the file. */
  readonly offset: number;
  /** As the process sees it. */
  readonly path: string;
}

/** Start, end, permissions, offset, device, inode, path. */
const mappingLine = /^([0-9a-f]+)-([0-9a-f]+) \S+ ([0-9a-f]+) \S+ (\d+) +(\/.*)$/;
/** Has no name any more, or never had one (memfd, shared memory); a real name that ends like that is not worth the doubt. */
const deleted = " (deleted)";

export const fileMappingsOf = (maps: string): readonly FileMapping[] =>
  maps.split("\n").flatMap((line) => {
    const [, start = "", end = "", offset = "", inode, path = ""] = mappingLine.exec(line) ?? [];
    // The kernel writes a line feed in a name as an escape, and our list has one range a line: such files are left out.
    const isRegular =
      inode !== undefined && inode !== "0" && !path.endsWith(deleted) && !path.includes("\\012");
    if (!isRegular || path.startsWith("/dev/")) return [];
    const first = parseInt(start, 16) / PAGE_SIZE;
    return [{ first, count: parseInt(end, 16) / PAGE_SIZE - first, offset: parseInt(offset, 16), path }];
  });
