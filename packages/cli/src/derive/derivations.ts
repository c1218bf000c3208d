/**
 * Every derivation of a figure in data/. A new one is an entry here. What it needs is loaded when it runs.
 */
import { createHash } from "node:crypto";
import { FrugalError } from "@frugal/core";
import type { Derivation } from "./derivation.ts";

export const derivations: readonly Derivation[] = [
  {
    name: "reference-servers",
    summary: "derive the power of reference servers from SPECpower results",
    source: "SPECpower-*.csv of github.com/cloud-carbon-footprint/ccf-coefficients (Apache-2.0)",
    output: "data/reference-servers.json",
    derive: async (text) => {
      const { deriveReferenceServers } = await import("@frugal/machine");
      return `${JSON.stringify(deriveReferenceServers(text), undefined, 2)}\n`;
    },
  },
  {
    name: "reference-clocks",
    summary: "derive the power of the reference server over its clocks from freqbench results",
    source:
      "the results.json files of github.com/kdrag0n/freqbench (MIT) as one CSV with the columns soc, first_cpu_of_cluster, freq_khz, active_power_mw",
    output: "data/reference-clocks.json",
    derive: deriveReferenceClocksFile,
  },
  {
    name: "demo-trace",
    summary: "derive the demo's hour of arrivals from Azure's trace of 2019",
    source: "1000_inv.csv of github.com/vhive-serverless/invitro (Azure Functions Trace 2019, CC-BY 4.0)",
    output: "data/azure-2019-hour.json",
    derive: async (text) => {
      const { deriveDemoHour, formatDemoHour } = await import("@frugal/trace");
      return formatDemoHour(deriveDemoHour(text));
    },
  },
];

/** The server that the watts are taken from: of the same processor generation as the reference server. */
const WATTS_FROM = "intel-e5-2699-v3";

async function deriveReferenceClocksFile(text: string): Promise<string> {
  const { deriveReferenceClocks } = await import("@frugal/predict");
  const { loadReferenceServers } = await import("@frugal/machine");
  const server = loadReferenceServers().find(({ id }) => id === WATTS_FROM);
  if (server === undefined) {
    throw new FrugalError(
      "invalid-request",
      `data/reference-servers.json has no ${WATTS_FROM}\nRestore the file, or derive it again: frugal derive reference-servers --help`,
    );
  }
  const sha256 = createHash("sha256").update(text).digest("hex");
  return `${JSON.stringify(deriveReferenceClocks(text, sha256, server), undefined, 2)}\n`;
}
