/**
 * Derives the table of reference servers from the published SPECpower results: the middle result of each common processor.
 */
import { createHash } from "node:crypto";
import { FrugalError } from "@frugal/core";
import { namesProcessor, type ReferenceProcessor, referenceProcessors } from "./processors.ts";
import type { ReferenceServer, ReferenceServers } from "./reference-server.ts";
import { parseSpecpowerTable, type SpecpowerResult } from "./specpower-table.ts";

/** Where `deriveReferenceServers` writes, from the project's root. */
export const referenceServersFile = "data/reference-servers.json";

/** The version that the shipped table comes from. */
const known = {
  source:
    "SPECpower-2026-03-09.csv of github.com/cloud-carbon-footprint/ccf-coefficients, " +
    "commit b0032d928c787cf76cecd7d1d611c5b46f366e29",
  sha256: "c19bd829f2753765ba4cc5b8d723f41c76a8a9afc54ad5444caf3a06e66a4c11",
};

/**
 * The reference servers in `text`, a SPECpower CSV of Cloud Carbon Footprint's coefficients. The same text gives the same
 * result. A malformed file or one that lacks a processor of the table is an `invalid-request` error.
 */
export function deriveReferenceServers(text: string): ReferenceServers {
  const { results, leftOut } = parseSpecpowerTable(text);
  const missing: string[] = [];
  const servers: ReferenceServer[] = [];
  for (const processor of referenceProcessors) {
    const server = middleServer(processor, results);
    if (server === undefined) missing.push(processor.processorNumber);
    else servers.push(server);
  }
  if (missing.length > 0) {
    throw new FrugalError(
      "invalid-request",
      `The SPECpower table has no result for ${missing.join(", ")}; use a complete table`,
      { details: { missing } },
    );
  }
  const sourceSha256 = createHash("sha256").update(text).digest("hex");
  return {
    source:
      sourceSha256 === known.sha256
        ? known.source
        : "a SPECpower table of another version than Frugal ships with",
    sourceSha256,
    licence: "Apache-2.0",
    attribution:
      "SPECpower_ssj2008 results as published at spec.org/power_ssj2008, collected by Cloud Carbon Footprint",
    command: "frugal derive reference-servers --from SPECpower-2026-03-09.csv",
    rule:
      "For each processor: of its results with one or two chips (all, where there is none), sorted by watts per hardware " +
      "thread at full load and then by row, the middle one (of two middles, the lower). Watts are at the wall, for the " +
      "whole server",
    leftOut,
    servers,
  };
}

function middleServer(
  processor: ReferenceProcessor,
  results: readonly SpecpowerResult[],
): ReferenceServer | undefined {
  const all = results.filter((result) => namesProcessor(result.processor, processor.processorNumber));
  const small = all.filter((result) => result.chips <= 2);
  const candidates = (small.length > 0 ? small : all).sort(
    (a, b) => a.fullWatts / a.threads - b.fullWatts / b.threads || a.row - b.row,
  );
  const result = candidates[Math.floor((candidates.length - 1) / 2)];
  if (result === undefined) return undefined;
  return {
    id: `${processor.vendor}-${processor.processorNumber}`
      .toLowerCase()
      .replace("+", "-plus")
      .replace(/[^a-z0-9]+/g, "-"),
    architecture: processor.architecture,
    vendor: processor.vendor,
    processorNumber: processor.processorNumber,
    generation: processor.generation,
    cpuIds: processor.cpuIds,
    system: result.system,
    processor: result.processor,
    chips: result.chips,
    cores: result.cores,
    threads: result.threads,
    idleWatts: result.idleWatts,
    fullWatts: result.fullWatts,
    idleWattsPerThread: rounded(result.idleWatts / result.threads),
    fullWattsPerThread: rounded(result.fullWatts / result.threads),
    year: result.year,
    row: result.row,
    results: candidates.length,
  };
}

/** The source has three significant digits; four after the point lose none. */
const rounded = (watts: number): number => Number(watts.toFixed(4));
