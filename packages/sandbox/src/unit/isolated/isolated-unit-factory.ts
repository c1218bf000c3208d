/**
 * Makes isolated units, and keeps what they share: the claim on the host, the parent cgroup, the network pool and the
 * folder that they see as /etc.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Cgroup, Cgroups } from "../../cgroup/cgroups.ts";
import { detectCgroups, openCgroups } from "../../cgroup/detection.ts";
import { favorMoves } from "../../cgroup/favor-moves.ts";
import { Claim } from "../../host/claim.ts";
import { withHostLock } from "../../host/host-lock.ts";
import { type Network, NetworkPool, type NetworkSupport } from "../../network/network-pool.ts";
import { hostResolvers, resolverFile } from "../../network/resolvers.ts";
import { hostSettings, removeLeftovers, removeTraces } from "./leftovers.ts";
import { IsolatedUnit, type UnitResources } from "./isolated-unit.ts";
import type { PlanRecord } from "./plan.ts";
import { makeEtc, rootRecords } from "./root-file-system.ts";
import type { Isolation, Unit, UnitFactory, UnitSpec } from "../unit.ts";

/** The numeric user and group of functions; no account of this number needs to exist. */
const FUNCTION_USER = 64999;

/** pid 1 of the unit counts against its limits as well. */
const OWN_PROCESSES = 1;

interface Shared {
  readonly init: string;
  readonly claim: Claim;
  readonly cgroups: Cgroups | undefined;
  readonly network: NetworkSupport;
  readonly limitations: readonly string[];
}

export class IsolatedUnitFactory implements UnitFactory {
  readonly isolation: Isolation = { kind: "isolated" };
  readonly limitations: readonly string[];
  readonly #shared: Shared;

  private constructor(shared: Shared) {
    this.#shared = shared;
    this.limitations = shared.limitations;
  }

  /** `init` is the built native init. Needs root. Removes first what dead platforms left on the host. */
  static open(init: string): Promise<IsolatedUnitFactory> {
    return withHostLock(async () => {
      await removeLeftovers();
      const claim = Claim.take();
      try {
        return new IsolatedUnitFactory(await shared(init, claim));
      } catch (error) {
        await removeTraces(claim);
        throw error;
      }
    });
  }

  launch(spec: UnitSpec): Unit {
    return new IsolatedUnit(this.#shared.init, () => this.#prepare(spec));
  }

  /** What cannot be removed keeps the claim, for the next platform to remove both; the error says what it is. */
  async close(): Promise<void> {
    const { claim, cgroups, network } = this.#shared;
    const closed = await Promise.allSettled([
      cgroups?.close(),
      network.kind === "available" ? network.pool.close() : undefined,
    ]);
    const failed = closed.find((result) => result.status === "rejected");
    await withHostLock(() => {
      if (failed === undefined) claim.release(hostSettings);
      else claim.restore(hostSettings);
    });
    if (failed !== undefined) throw failed.reason;
  }

  async #prepare(spec: UnitSpec): Promise<UnitResources> {
    const network = await this.#networkOf(spec);
    try {
      const cgroup = this.#shared.cgroups?.create(spec.id, {
        ...spec.limits,
        processes: spec.limits.processes + OWN_PROCESSES,
      });
      return unitResources(this.#planOf(spec, cgroup, network), cgroup, network);
    } catch (error) {
      network?.release();
      throw error;
    }
  }

  /** Without a pool, `egress` gets what `none` gets: nothing but loopback. */
  async #networkOf({ network }: UnitSpec): Promise<Network | undefined> {
    const support = this.#shared.network;
    if (network.kind === "none" || support.kind === "unavailable") return undefined;
    return support.pool.take(network.allow);
  }

  #planOf(spec: UnitSpec, cgroup: Cgroup | undefined, network: Network | undefined): readonly PlanRecord[] {
    const membership = cgroup?.membership;
    return [
      ["root", rootFolder(this.#shared.claim)],
      ["hostname", spec.id],
      ["directory", spec.workingDirectory],
      ["user", FUNCTION_USER],
      ["open-files", spec.limits.openFiles],
      ["temporary-storage", spec.limits.temporaryStorage],
      ...(network === undefined ? [] : [["network", network.path] as const]),
      ...(spec.listenOn === undefined ? [] : [["listen", spec.listenOn] as const]),
      ...(membership?.folders ?? []).map((folder): PlanRecord => [
        membership?.kind === "v2" ? "cgroup2" : "cgroup",
        folder,
      ]),
      ...rootRecords(etcFolder(this.#shared.claim), spec.id, spec.mounts),
      ...spec.command.map((argument): PlanRecord => ["argument", argument]),
      ...Object.entries(spec.environment).map(([name, value]): PlanRecord => [
        "environment",
        `${name}=${value}`,
      ]),
    ];
  }
}

async function shared(init: string, claim: Claim): Promise<Shared> {
  const support = detectCgroups();
  const resolvers = hostResolvers();
  mkdirSync(rootFolder(claim));
  makeEtc(etcFolder(claim), FUNCTION_USER, resolverFile(resolvers));
  if (support.kind === "v1") claim.change(favorMoves, "on");
  const cgroups = openCgroups(support, `frugal-${claim.name}`);
  const network = await NetworkPool.open(claim, resolvers);
  const limitations = [
    ...(cgroups?.limitations ?? []),
    ...(support.kind === "none"
      ? [
          `Memory, processors and processes of functions are not limited and CPU time is unknown: ${support.reason}.`,
        ]
      : []),
    ...(network.kind === "available"
      ? network.pool.limitations
      : [`Functions have no network, also where their policy is egress: ${network.reason}.`]),
    ...(resolvers.length === 0
      ? [
          "Functions cannot resolve names: the host names no resolver that is not on its own loopback address.",
        ]
      : []),
  ];
  return { init, claim, cgroups, network, limitations };
}

/** Where a unit's init puts its root together; the same for all, as each does so in a mount namespace of its own. */
const rootFolder = (claim: Claim): string => join(claim.folder, "root");
const etcFolder = (claim: Claim): string => join(claim.folder, "etc");

const unitResources = (
  plan: readonly PlanRecord[],
  cgroup: Cgroup | undefined,
  network: Network | undefined,
): UnitResources => ({
  plan,
  cpuTime: () => cgroup?.cpuTime(),
  outOfMemoryKills: () => cgroup?.outOfMemoryKills() ?? 0,
  expedite: () => cgroup?.expedite(),
  async release() {
    await cgroup?.remove();
    network?.release();
  },
});
