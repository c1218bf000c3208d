/**
 * The demo: a platform of its own, ten functions, one real trace, one report.
 */
import { join } from "node:path";
import { FrugalError } from "@frugal/core";
import { benchmarkFunctions, type BenchmarkFunction, type InputSize } from "@frugal/functions";
import { z } from "zod";
import { checkoutFolder } from "../checkout.ts";
import { Transport } from "../client/transport.ts";
import { PlatformClient } from "../client/platform-client.ts";
import { type PackedFunction, packAll, sendAll } from "../deploy/deploy-all.ts";
import { findDeployables } from "../deploy/find-deployables.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type PlatformProcess, startPlatformProcess } from "../up/platform-process.ts";
import { type DemoReport, makeReport } from "./demo-report.ts";
import { LiveView } from "./live-view.ts";
import { replay } from "./replay.ts";
import type { TraceRows } from "./trace-rows.ts";
import { makeWorkload, type Workload, type WorkloadOptions } from "./workload.ts";

export interface DemoOptions {
  readonly trace: TraceRows;
  readonly size: InputSize;
  readonly workload: WorkloadOptions;
  /** Ends the demo early: what it started is closed, and the promise rejects. */
  readonly signal: AbortSignal;
}

/** The ten functions, in the order in which the trace's rows are given to them. */
export const demoFunctions: readonly BenchmarkFunction[] = Object.values(benchmarkFunctions);

export async function runDemo(options: DemoOptions, terminal: Terminal): Promise<DemoReport> {
  const workload = makeWorkload(
    demoFunctions.map(({ name }) => name),
    options.trace.rows,
    options.workload,
  );
  terminal.err("Starting a platform of the demo's own on a free port\n");
  const starting = startPlatformProcess();
  // Meanwhile; an error of packing waits until there is a platform to close.
  const packing = packFunctions(terminal);
  packing.catch(() => undefined);
  const platform = await starting;
  const transport = new Transport({ url: platform.url, apiKey: undefined });
  try {
    const client = new PlatformClient(transport);
    await sendAll(await packing, client, terminal, options.signal);
    return await measure({ options, workload, platform, client, transport }, terminal);
  } catch (cause) {
    const ending = platform.ending();
    if (ending === undefined) throw cause;
    throw new FrugalError("unreachable", `The demo's platform ended before the demo did: ${ending}`, {
      cause,
    });
  } finally {
    await transport.close();
    await platform.close();
  }
}

async function packFunctions(terminal: Terminal): Promise<readonly PackedFunction[]> {
  const { functions } = await findDeployables({
    path: join(checkoutFolder, "functions"),
    workingDirectory: checkoutFolder,
    wishes: {},
    only: [],
  });
  return packAll(functions, terminal);
}

interface Measurement {
  readonly options: DemoOptions;
  readonly workload: Workload;
  readonly platform: PlatformProcess;
  readonly client: PlatformClient;
  readonly transport: Transport;
}

async function measure(
  { options, workload, platform, client, transport }: Measurement,
  terminal: Terminal,
): Promise<DemoReport> {
  const view = new LiveView(terminal, workload.arrivals.length);
  const replayed = await replay({
    url: platform.url,
    size: options.size,
    functions: demoFunctions,
    arrivals: workload.arrivals,
    signal: options.signal,
    onProgress: (progress) => {
      view.show(progress);
    },
  });
  // Where the replay was broken off, the picture stays above what is said of it.
  view.finish();
  const statistics = await client.statistics();
  // What the functions' last moments cost is in their joules only after this: the energy comes last.
  const energy = await client.energy();
  return makeReport({
    trace: options.trace,
    size: options.size,
    isolation: await isolationOf(transport),
    limitations: platform.limitations,
    workload,
    replayed,
    statistics,
    energy,
  });
}

const hostSchema = z.object({ isolation: z.object({ kind: z.string(), reason: z.string().optional() }) });

async function isolationOf(transport: Transport): Promise<string> {
  const { isolation } = hostSchema.parse(await transport.json({ method: "GET", path: "/v1/host" }));
  return isolation.reason === undefined ? isolation.kind : `${isolation.kind} (${isolation.reason})`;
}
