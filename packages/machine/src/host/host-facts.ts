/**
 * What this host offers and what Frugal does without each thing that is missing. Reads only; changes nothing.
 */
import { loadReferenceServers } from "../energy/reference-servers/load.ts";
import type { ReferenceServer } from "../energy/reference-servers/reference-server.ts";
import { clockFacts } from "./facts/clock-facts.ts";
import { energyFacts } from "./facts/energy-facts.ts";
import { isolationFacts } from "./facts/isolation-facts.ts";
import { machineFacts } from "./facts/machine-facts.ts";
import { programFacts } from "./facts/program-facts.ts";
import type { HostFact } from "./host-fact.ts";
import { type HostRoots, runningHost } from "./host-roots.ts";

/** The facts in the order in which people care: machine, isolation, energy, clocks, programs. */
export const hostFacts = (
  roots: HostRoots = runningHost(),
  servers: readonly ReferenceServer[] = loadReferenceServers(),
): readonly HostFact[] => [
  ...machineFacts(roots),
  ...isolationFacts(roots),
  ...energyFacts(roots, servers),
  ...clockFacts(roots),
  ...programFacts(roots),
];
