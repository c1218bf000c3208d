/**
 * Every derivation of a figure in data/. A new one is an entry here. What it needs is loaded when it runs.
 */
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
