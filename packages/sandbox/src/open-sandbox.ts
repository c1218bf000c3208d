/**
 * Opens the sandbox of this host with all that it can do: isolated units, and snapshots where criu works and root may.
 */
import { type Bytes, type Clock, messageOf } from "@frugal/core";
import { LocalSandbox } from "./local-sandbox.ts";
import { nativeProgram } from "./native/native-programs.ts";
import { Catalogue } from "./snapshot/catalogue/catalogue.ts";
import { hostBootTime } from "./snapshot/catalogue/host-state.ts";
import { findCriu } from "./snapshot/criu/find-criu.ts";
import { HostSnapshots, type HostSnapshotsParts } from "./snapshot/host-snapshots.ts";
import { HotSets } from "./snapshot/hot-sets.ts";
import { Identity } from "./snapshot/identity.ts";
import { PagerProcess } from "./snapshot/pager/pager-process.ts";
import { isolationProblem, openUnitFactory } from "./unit/factory.ts";
import { type RestoreTools, restoreTools } from "./unit/isolated/restore-tools.ts";
import type { UnitFactory } from "./unit/unit.ts";

/** What criu found out about this kernel is the same for all platforms of a host. */
const KERNEL_FEATURES = "/run/frugal/criu";

export interface SandboxOptions {
  readonly clock: Clock;
  /** Units that are made ahead. */
  readonly reserve: number;
  readonly snapshots: {
    /** Where they are kept. */
    readonly folder: string;
    /** Most bytes of all of them. */
    readonly size: Bytes;
    /** Most bytes of working sets that are kept in memory. */
    readonly hot: Bytes;
  };
  /** Gets what goes wrong in the background and nobody waits for. */
  readonly complain: (line: string) => void;
}

export async function openSandbox(options: SandboxOptions): Promise<LocalSandbox> {
  const { clock, reserve } = options;
  const tools = await findTools();
  const units = await openUnitFactory({ reserve, tools: tools.kind === "found" ? tools.tools : undefined });
  const { isolation, folder } = units;
  if (isolation.kind === "unisolated")
    return new LocalSandbox({ units, clock, snapshotProblem: isolation.reason });
  if (tools.kind === "missing" || folder === undefined) {
    const reason = tools.kind === "missing" ? tools.reason : "there is no folder for the pager's sockets";
    return new LocalSandbox({ units, clock, snapshotProblem: reason });
  }
  try {
    const parts = await snapshotParts(options, units, folder, tools.version);
    const sandbox = new LocalSandbox({
      units,
      clock,
      snapshots: (runtimes) => new HostSnapshots({ ...parts, runtimes }),
    });
    void sandbox.snapshots?.verifyAll();
    return sandbox;
  } catch (error) {
    return new LocalSandbox({ units, clock, snapshotProblem: messageOf(error) });
  }
}

type Tools =
  | { readonly kind: "found"; readonly tools: RestoreTools; readonly version: string }
  | { readonly kind: "missing"; readonly reason: string };

async function findTools(): Promise<Tools> {
  const problem = isolationProblem();
  if (problem !== undefined) return { kind: "missing", reason: problem };
  const search = await findCriu();
  if (search.kind === "missing") return search;
  try {
    const tools = await restoreTools(search.criu, KERNEL_FEATURES);
    return { kind: "found", tools, version: search.criu.version };
  } catch (error) {
    return { kind: "missing", reason: messageOf(error) };
  }
}

async function snapshotParts(
  { clock, snapshots, complain }: SandboxOptions,
  units: UnitFactory,
  folder: string,
  criu: string,
): Promise<Omit<HostSnapshotsParts, "runtimes">> {
  const catalogue = await Catalogue.open({
    root: snapshots.folder,
    sizeLimit: snapshots.size,
    clock,
    bootTime: hostBootTime,
  });
  for (const refusal of catalogue.refusals) complain(refusal);
  const pager = new PagerProcess({ program: nativeProgram("frugal-pager"), folder, complain });
  return {
    units,
    clock,
    catalogue,
    pager,
    hotSets: new HotSets(pager, snapshots.hot),
    identity: new Identity(criu),
    complain,
  };
}
