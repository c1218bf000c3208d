/**
 * The shapes of /v1/snapshots. Pages are those of the processor, 4096 bytes; what is not known yet is null.
 */
import { startKinds } from "@frugal/core";
import { z } from "zod";
import { closedObject } from "../../registry/checked.ts";

const amount = z.number().int();

export const snapshotSchema = z.object({
  id: z.string(),
  kind: z
    .enum(["function", "dependencies", "runtime"])
    .meta({ description: "A function that is ready, or a boot phase that functions share" }),
  functions: z.array(z.string()).meta({ description: "Functions that it was made for" }),
  runtime: z.string(),
  sizeBytes: amount,
  createdAt: z.iso.datetime(),
  pages: amount.meta({ description: "Pages of memory that it holds" }),
  workingSetPages: amount.nullable().meta({
    description: "Pages that are installed before an instance runs; null before the first recording",
  }),
  starts: amount.meta({ description: "Instances started from it since the platform's start" }),
});

const runs = z.array(z.tuple([amount, amount, amount]));

export const snapshotDetailsSchema = snapshotSchema.extend({
  folder: z.string(),
  key: z.record(z.string(), z.string()).meta({ description: "What it depends on, by dimension" }),
  files: z.array(z.object({ name: z.string(), sizeBytes: amount, sha256: z.string() })),
  pids: z.array(amount),
  workingSet: z
    .object({
      pages: amount,
      zeroPages: amount.meta({ description: "Of these, pages that hold only zeros and are not read" }),
      extents: amount,
      recordings: amount,
      restores: amount,
      lastMisses: amount.nullable(),
      meanMisses: z.number().nullable(),
      stableShare: z
        .number()
        .nullable()
        .meta({ description: "Share of the pages ever recorded that every recording touched, 0 to 1" }),
    })
    .nullable(),
  fileRanges: z
    .object({ ranges: amount, bytes: amount })
    .meta({ description: "What is read ahead of files that instances map" }),
  dumpSeconds: z.number(),
  lastRestores: z
    .array(
      z.object({
        kind: z.enum(startKinds),
        isPooled: z.boolean(),
        latencySeconds: z.number(),
        faults: amount.nullable(),
        prefetchedPages: amount,
      }),
    )
    .meta({ description: "Oldest first" }),
  pageMap: z.object({ image: runs, workingSet: runs }).meta({
    description:
      "Runs of pages: process, number of the first page, how many. A page of the working set outside the image holds only zeros",
  }),
});

export const buildBody = closedObject({ function: z.string().meta({ description: "Name or ARN" }) });

export const buildQuery = closedObject({
  wait: z
    .enum(["true", "false"])
    .default("false")
    .meta({ description: "true answers when the snapshot is there, or why there is none" }),
});

export const buildSchema = z.object({
  function: z.string(),
  state: z.enum(["building", "built"]),
  message: z.string().meta({ description: "What happens, or what happened" }),
  snapshot: snapshotSchema.optional().meta({ description: "Where the request waited for it" }),
});
