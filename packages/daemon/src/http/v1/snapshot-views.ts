/**
 * Snapshots as /v1 shows them.
 */
import type { SnapshotDetails, SnapshotSummary } from "@frugal/sandbox";
import type { z } from "zod";
import type { snapshotDetailsSchema, snapshotSchema } from "./snapshot-schemas.ts";

type DetailsView = z.infer<typeof snapshotDetailsSchema>;

export const snapshotView = (summary: SnapshotSummary): z.infer<typeof snapshotSchema> => ({
  id: summary.id,
  kind: summary.kind,
  functions: [...summary.functions],
  runtime: summary.runtime,
  sizeBytes: summary.size,
  createdAt: summary.createdAt,
  pages: summary.pages,
  workingSetPages: summary.workingSetPages ?? null,
  starts: summary.starts,
});

export const snapshotDetailsView = (details: SnapshotDetails): DetailsView => ({
  ...snapshotView(details),
  folder: details.folder,
  key: details.key,
  files: details.files.map(({ name, size, sha256 }) => ({ name, sizeBytes: size, sha256 })),
  pids: [...details.pids],
  workingSet: workingSetView(details.workingSet),
  fileRanges: details.fileRanges,
  dumpSeconds: details.dump,
  lastRestores: details.lastRestores.map(({ kind, isPooled, latency, faults, prefetched }) => ({
    kind,
    isPooled,
    latencySeconds: latency,
    faults: faults ?? null,
    prefetchedPages: prefetched,
  })),
  pageMap: {
    image: details.pageMap.image.map(({ pid, firstPage, pages }) => [pid, firstPage, pages]),
    workingSet: details.pageMap.workingSet.map((run) => [...run]),
  },
});

function workingSetView(set: SnapshotDetails["workingSet"]): DetailsView["workingSet"] {
  if (set === undefined) return null;
  const { stable, lastMisses, meanMisses, pages, zeroPages, extents, recordings, restores } = set;
  return {
    pages,
    zeroPages,
    extents,
    recordings,
    restores,
    lastMisses: lastMisses ?? null,
    meanMisses: meanMisses ?? null,
    stableShare: stable ?? null,
  };
}
