/**
 * Loads the reference servers that ship with Frugal.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { architectures, FrugalError, messageOf } from "@frugal/core";
import { referenceServersFile } from "./derive.ts";
import type { ReferenceServer } from "./reference-server.ts";

const shipped = fileURLToPath(new URL(`../../../../../${referenceServersFile}`, import.meta.url));

/** The servers in `file` (default: the file that ships with Frugal); `invalid-request` where it is missing or broken. */
export function loadReferenceServers(file: string = shipped): readonly ReferenceServer[] {
  let problem: string;
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
    const servers =
      typeof parsed === "object" && parsed !== null && "servers" in parsed ? parsed.servers : undefined;
    if (Array.isArray(servers) && servers.length > 0 && servers.every(isReferenceServer)) return servers;
    problem = "it has no list of servers with all their fields";
  } catch (error) {
    problem = messageOf(error);
  }
  throw new FrugalError(
    "invalid-request",
    `Cannot use the reference servers in ${file}: ${problem}\n` +
      "Restore the file, or write it again: frugal derive reference-servers --from SPECpower-2026-03-09.csv",
    { details: { file } },
  );
}

const textFields = ["id", "vendor", "processorNumber", "generation", "system", "processor"];
const positiveFields = [
  "chips",
  "cores",
  "threads",
  "idleWatts",
  "fullWatts",
  "idleWattsPerThread",
  "fullWattsPerThread",
];

function isReferenceServer(value: unknown): value is ReferenceServer {
  if (typeof value !== "object" || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  const isPositive = (name: string): boolean => {
    const field = fields.get(name);
    return typeof field === "number" && field > 0;
  };
  const cpuIds = fields.get("cpuIds");
  return (
    textFields.every((name) => typeof fields.get(name) === "string") &&
    [...positiveFields, "year", "results"].every(isPositive) &&
    typeof fields.get("row") === "number" &&
    Array.isArray(cpuIds) &&
    cpuIds.every((id) => typeof id === "string") &&
    architectures.some((architecture) => architecture === fields.get("architecture"))
  );
}
