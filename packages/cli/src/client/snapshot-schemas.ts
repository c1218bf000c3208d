/**
 * What the platform answers about snapshots, as far as the command line reads it.
 */
import { z } from "zod";

const snapshotShape = {
  id: z.string(),
  kind: z.string(),
  functions: z.array(z.string()),
  runtime: z.string(),
  sizeBytes: z.number(),
  createdAt: z.string(),
  pages: z.number(),
  workingSetPages: z.number().nullable(),
  starts: z.number(),
} as const;

const snapshotSchema = z.looseObject(snapshotShape);
export type SnapshotView = z.infer<typeof snapshotSchema>;

export const snapshotListSchema = z.object({ snapshots: z.array(snapshotSchema) });

/** Process, number of the first page, how many. */
const runs = z.array(z.tuple([z.number(), z.number(), z.number()]));

export const snapshotDetailsSchema = z.looseObject({
  ...snapshotShape,
  folder: z.string(),
  key: z.record(z.string(), z.string()),
  files: z.array(z.object({ name: z.string(), sizeBytes: z.number(), sha256: z.string() })),
  pids: z.array(z.number()),
  workingSet: z
    .looseObject({
      pages: z.number(),
      zeroPages: z.number(),
      extents: z.number(),
      recordings: z.number(),
      restores: z.number(),
      lastMisses: z.number().nullable(),
      meanMisses: z.number().nullable(),
      stableShare: z.number().nullable(),
    })
    .nullable(),
  fileRanges: z.object({ ranges: z.number(), bytes: z.number() }),
  dumpSeconds: z.number(),
  lastRestores: z.array(
    z.looseObject({
      kind: z.string(),
      isPooled: z.boolean(),
      latencySeconds: z.number(),
      faults: z.number().nullable(),
      prefetchedPages: z.number(),
    }),
  ),
  pageMap: z.object({ image: runs, workingSet: runs }),
});
export type SnapshotDetailsView = z.infer<typeof snapshotDetailsSchema>;

export const buildSchema = z.looseObject({
  function: z.string(),
  state: z.enum(["building", "built"]),
  message: z.string(),
  snapshot: snapshotSchema.optional(),
});
export type BuildView = z.infer<typeof buildSchema>;
