/**
 * Makes isolated units, and keeps what they share: the claim on the host, the parent cgroup, the network pool, the folder
 * that they see as /etc, and units made ahead.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { cores, mebibytes, type NetworkPolicy } from "@frugal/core";
import type { Cgroup, CgroupLimits, Cgroups } from "../../cgroup/cgroups.ts";
import { detectCgroups, openCgroups } from "../../cgroup/detection.ts";
import { favorMoves } from "../../cgroup/favor-moves.ts";
import { Claim } from "../../host/claim.ts";
import { withHostLock } from "../../host/host-lock.ts";
import { type Network, NetworkPool, type NetworkSupport } from "../../network/network-pool.ts";
import { hostResolvers, resolverFile } from "../../network/resolvers.ts";
import { hostSettings, removeLeftovers, removeTraces } from "./leftovers.ts";
import { IsolatedUnit, type UnitResources } from "./isolated-unit.ts";
import type { PlanRecord } from "./plan.ts";
import { Reserve } from "./reserve.ts";
import type { RestoreTools } from "./restore-tools.ts";
import { makeEtc, rootRecords } from "./root-file-system.ts";
import { taskRecords } from "./task-records.ts";
import type { Isolation, Unit, UnitFactory, UnitSpec } from "../unit.ts";

/** The numeric user and group of functions; no account of this number needs to exist. */
const FUNCTION_USER = 64999;

/** pid 1 of the unit counts against its limits as well, and so do criu's worker and what it starts. */
const OWN_PROCESSES = 16;

/** After a start; most are over by then. */
const REFILL_MILLISECONDS = 50;

/** Until a unit in reserve gets the limits of its function. */
const reserveLimits = { memory: mebibytes(512), cores: cores(1), processes: 64 };

export interface IsolatedUnitOptions {
  /** Path of the built native init. */
  readonly init: string;
  /** Undefined where this host makes no snapshots. */
  readonly tools: RestoreTools | undefined;
  /** Units kept ready of each kind. */
  readonly reserve: number;
}

interface Shared {
  readonly init: string;
  readonly tools: RestoreTools | undefined;
  readonly claim: Claim;
  readonly cgroups: Cgroups | undefined;
  readonly network: NetworkSupport;
  readonly limitations: readonly string[];
}

export class IsolatedUnitFactory implements UnitFactory {
  readonly isolation: Isolation = { kind: "isolated" };
  readonly limitations: readonly string[];
  readonly canPin: boolean;
  readonly #shared: Shared;
  readonly #reserve: Reserve<IsolatedUnit>;
  #reserved = 0;
  readonly #refills = new Map<NetworkPolicy["kind"], NodeJS.Timeout>();

  private constructor(shared: Shared, reserve: number) {
    this.#shared = shared;
    this.limitations = shared.limitations;
    this.canPin = shared.cgroups?.canPin ?? false;
    this.#reserve = new Reserve(reserve, (network) =>
      this.#make({ id: `reserve-${++this.#reserved}`, network, limits: reserveLimits, isForRestore: true }),
    );
  }

  /** Needs root. Removes first what dead platforms left on the host. */
  static open(options: IsolatedUnitOptions): Promise<IsolatedUnitFactory> {
    return withHostLock(async () => {
      await removeLeftovers();
      const claim = Claim.take();
      try {
        return new IsolatedUnitFactory(await shared(options, claim), options.reserve);
      } catch (error) {
        await removeTraces(claim);
        throw error;
      }
    });
  }

  /** The folder of what the platform shares with its units while it runs. */
  get folder(): string {
    return this.#shared.claim.folder;
  }

  launch(spec: UnitSpec, useReserve = true): Unit {
    const { network, limits } = spec;
    const task = taskRecords(spec, FUNCTION_USER);
    const reserved = useReserve ? this.#reserve.take(network) : undefined;
    const unit =
      reserved ?? this.#make({ id: spec.id, network, limits, isForRestore: spec.image !== undefined });
    unit.begin(task, reserved === undefined ? undefined : limits);
    this.#refillLater(network);
    return unit;
  }

  /** Making a unit holds the event loop up for a moment, which the start under way must not feel. */
  #refillLater(network: NetworkPolicy): void {
    if (this.#refills.has(network.kind)) return;
    const refill = (): void => {
      this.#refills.delete(network.kind);
      this.#reserve.fill(network);
    };
    this.#refills.set(network.kind, setTimeout(refill, REFILL_MILLISECONDS).unref());
  }

  /** What cannot be removed keeps the claim, for the next platform to remove both; the error says what it is. */
  async close(): Promise<void> {
    const { claim, cgroups, network } = this.#shared;
    for (const refill of this.#refills.values()) clearTimeout(refill);
    await this.#reserve.close();
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

  #make(wish: UnitWish): IsolatedUnit {
    return new IsolatedUnit(this.#shared.init, () => this.#prepare(wish));
  }

  async #prepare(wish: UnitWish): Promise<UnitResources> {
    const network = await this.#networkOf(wish.network);
    try {
      const cgroup = this.#shared.cgroups?.create(wish.id, cgroupLimits(wish.limits));
      return unitResources(this.#planOf(wish, cgroup, network), cgroup, network);
    } catch (error) {
      network?.release();
      throw error;
    }
  }

  /** Without a pool, `egress` gets what `none` gets: nothing but loopback. */
  async #networkOf(network: NetworkPolicy): Promise<Network | undefined> {
    const support = this.#shared.network;
    if (network.kind === "none" || support.kind === "unavailable") return undefined;
    return support.pool.take(network.allow);
  }

  #planOf(
    { isForRestore }: UnitWish,
    cgroup: Cgroup | undefined,
    network: Network | undefined,
  ): readonly PlanRecord[] {
    const membership = cgroup?.membership;
    const { claim, tools } = this.#shared;
    return [
      ["root", rootFolder(claim)],
      ...(network === undefined ? [] : [["network", network.path] as const]),
      ...(membership?.folders ?? []).map((folder): PlanRecord => [
        membership?.kind === "v2" ? "cgroup2" : "cgroup",
        folder,
      ]),
      ...rootRecords(etcFolder(claim)),
      ...(tools ?? []),
      ...(tools !== undefined && isForRestore ? [["restore-worker", 1] as const] : []),
    ];
  }
}

/** What a unit is made with; the rest comes with its task. */
interface UnitWish {
  readonly id: string;
  readonly network: NetworkPolicy;
  readonly limits: CgroupLimits;
  readonly isForRestore: boolean;
}

const cgroupLimits = ({ memory, cores, cpus, processes }: CgroupLimits): CgroupLimits => ({
  memory,
  cores,
  cpus,
  processes: processes + OWN_PROCESSES,
});

async function shared({ init, tools }: IsolatedUnitOptions, claim: Claim): Promise<Shared> {
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
          "Memory, processors and processes of functions are not limited, nothing is pinned to processors, " +
            `and CPU time is unknown: ${support.reason}.`,
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
  return { init, tools, claim, cgroups, network, limitations };
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
  limit: (limits) => cgroup?.limit(cgroupLimits(limits)),
  cpuTime: () => cgroup?.cpuTime(),
  perfFolder: cgroup?.perfFolder,
  outOfMemoryKills: () => cgroup?.outOfMemoryKills() ?? 0,
  expedite: () => cgroup?.expedite(),
  async release() {
    await cgroup?.remove();
    network?.release();
  },
});
