/**
 * Chooses the reference server that stands for a host, from the surest sign of likeness to the weakest:
 * its processor's number, its generation, its vendor, its instruction set.
 *
 * Among equals, the nearest number of cores wins; inside a virtual machine, whose core count says nothing about the machine
 * beneath, the newest. Then the one with the most published results.
 */
import type { Processor } from "../../host/processor.ts";
import { namesProcessor } from "./processors.ts";
import type { ReferenceServer } from "./reference-server.ts";

export type ReferenceChoice =
  | { readonly kind: "chosen"; readonly server: ReferenceServer; readonly because: string }
  | { readonly kind: "unavailable"; readonly reason: string };

interface Likeness {
  readonly because: string;
  readonly isLike: (server: ReferenceServer) => boolean;
}

export function chooseReferenceServer(host: Processor, servers: readonly ReferenceServer[]): ReferenceChoice {
  const likenesses: readonly Likeness[] = [
    { because: "same processor", isLike: (server) => namesProcessor(host.modelName, server.processorNumber) },
    {
      because: "same processor generation",
      isLike: (server) => host.cpuId !== undefined && server.cpuIds.includes(host.cpuId),
    },
    { because: "same vendor", isLike: (server) => server.vendor === host.vendor },
    { because: "same instruction set", isLike: () => true },
  ];
  const sameIsa = servers.filter((server) => server.architecture === host.architecture);
  for (const { because, isLike } of likenesses) {
    const [best] = sameIsa.filter(isLike).sort((a, b) => compare(a, b, host));
    if (best !== undefined) return { kind: "chosen", server: best, because };
  }
  return {
    kind: "unavailable",
    reason: `There is no reference server for the instruction set of this host (${host.modelName})`,
  };
}

function compare(a: ReferenceServer, b: ReferenceServer, host: Processor): number {
  const byLikeness = host.virtualised
    ? b.year - a.year
    : distance(a, host) - distance(b, host) || b.year - a.year;
  return byLikeness || b.results - a.results || a.id.localeCompare(b.id, "en");
}

/** How many times the cores differ, as a logarithm: 32 is as far from 64 as from 16. */
const distance = (server: ReferenceServer, host: Processor): number =>
  Math.abs(Math.log(server.cores / host.cores));
