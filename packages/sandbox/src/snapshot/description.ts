/**
 * What people are told of a snapshot.
 */
import { readFile } from "node:fs/promises";
import { bytes, milliseconds } from "@frugal/core";
import type { Snapshot } from "./catalogue/shelf.ts";
import { PAGE_SIZE } from "./image/page.ts";
import type { SnapshotDetails, SnapshotSummary } from "./snapshots.ts";
import { type StoredSnapshot, WORKING_SET_FILE } from "./stored-snapshot.ts";
import { decodeFileRanges } from "./working-set/file-ranges.ts";
import { PageRuns } from "./working-set/page-runs.ts";
import { readWorkingSetIndex } from "./working-set/working-set-file.ts";

/** `stored` where it was used since the platform has started. */
export function summarise(
  { id, size, manifest }: Snapshot,
  stored: StoredSnapshot | undefined,
): SnapshotSummary {
  const pages = manifest.files.filter(({ name }) => /^pages-\d+\.img$/.test(name));
  const workingSet = manifest.files.find(({ name }) => name === WORKING_SET_FILE);
  return {
    id,
    kind: manifest.kind,
    functions: manifest.functions,
    runtime: manifest.key["runtime"] ?? "",
    size,
    createdAt: manifest.createdAt,
    pages: pages.reduce((sum, file) => sum + file.size / PAGE_SIZE, 0),
    workingSetPages:
      stored?.workingSetPages?.count ??
      (workingSet === undefined ? undefined : Math.floor(workingSet.size / PAGE_SIZE)),
    starts: stored?.starts ?? 0,
  };
}

export async function describe(snapshot: Snapshot, stored: StoredSnapshot): Promise<SnapshotDetails> {
  const { manifest, folder } = snapshot;
  const ranges =
    stored.fileRanges === undefined ? [] : decodeFileRanges(await readFile(stored.fileRanges, "utf8"));
  return {
    ...summarise(snapshot, stored),
    folder,
    key: manifest.key,
    files: manifest.files.map(({ name, size, sha256 }) => ({ name, size: bytes(size), sha256 })),
    pids: manifest.pids,
    workingSet: await workingSetOf(stored),
    fileRanges: {
      ranges: ranges.length,
      bytes: bytes(ranges.reduce((sum, { length }) => sum + length, 0)),
    },
    dump: milliseconds(manifest.measured.dumpMilliseconds),
    lastRestores: stored.records,
    pageMap: {
      image: stored.table.map(({ pid, address, pages }) => ({ pid, firstPage: address / PAGE_SIZE, pages })),
      workingSet: (stored.workingSetPages ?? PageRuns.none).toJSON(),
    },
  };
}

async function workingSetOf(stored: StoredSnapshot): Promise<SnapshotDetails["workingSet"]> {
  if (stored.workingSetFile === undefined) return undefined;
  const { extents } = await readWorkingSetIndex(stored.workingSetFile);
  const zero = extents.filter(({ isZero }) => isZero);
  const { recordings, restores, lastMisses, meanMisses, stablePages } = stored.adaptation.statistics;
  return {
    pages: extents.reduce((sum, { pages }) => sum + pages, 0),
    zeroPages: zero.reduce((sum, { pages }) => sum + pages, 0),
    extents: extents.length,
    recordings,
    restores,
    lastMisses,
    meanMisses,
    stable: stablePages,
  };
}
