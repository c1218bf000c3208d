/**
 * Reference server: a published SPECpower_ssj2008 result that stands for the power of machines with a similar processor.
 */
import type { Architecture } from "@frugal/core";

export interface ReferenceServer {
  readonly id: string;
  readonly architecture: Architecture;
  /** `intel`, `amd` or `arm`, the designer of the cores. */
  readonly vendor: string;
  /** The processor's number as makers print it: `8380`, `Q80-30`. */
  readonly processorNumber: string;
  readonly generation: string;
  /** What /proc/cpuinfo shows of the generation: `family/model` on x86, `implementer/part` on ARM. */
  readonly cpuIds: readonly string[];
  readonly system: string;
  readonly processor: string;
  readonly chips: number;
  readonly cores: number;
  readonly threads: number;
  readonly idleWatts: number;
  readonly fullWatts: number;
  readonly idleWattsPerThread: number;
  readonly fullWattsPerThread: number;
  readonly year: number;
  /** Number of the result in the source's first column. */
  readonly row: number;
  /** Number of results with this processor, of which this one is the middle. */
  readonly results: number;
}

/** Content of `data/reference-servers.json`. */
export interface ReferenceServers {
  readonly source: string;
  readonly sourceSha256: string;
  readonly licence: string;
  readonly attribution: string;
  readonly command: string;
  readonly rule: string;
  /** Results that contradict themselves and were not used. */
  readonly leftOut: readonly { readonly row: number; readonly why: string }[];
  readonly servers: readonly ReferenceServer[];
}
