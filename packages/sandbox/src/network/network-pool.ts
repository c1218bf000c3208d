/**
 * The networks of units with `egress`: prepared slots, made ahead in the background so that a start finds one ready.
 *
 * Invariants (cited by the tests):
 *   P1  a slot belongs to at most one unit at a time, and its exceptions are that unit's before it gets the slot
 *   P2  a slot whose preparation or exceptions failed is not handed out
 *   P3  closing removes every namespace, the table and the forwarding that the pool made
 */
import { readdirSync } from "node:fs";
import { FrugalError, messageOf } from "@frugal/core";
import type { Claim } from "../host/claim.ts";
import { runCommand } from "../host/command.ts";
import { claimAddressBlock, formatRange, SLOTS_PER_BLOCK } from "./address-block.ts";
import { allowRules } from "./allow-list.ts";
import { forwarding } from "./forwarding.ts";
import {
  makeSlots,
  namespacePath,
  type NetworkSlot,
  networkSlot,
  removeNamespaces,
  type SlotNames,
} from "./network-slot.ts";
import { droppingTables, PacketFilter, removePacketFilter } from "./packet-filter.ts";

/** A unit's network until it is given back. */
export interface Network {
  /** Path of the network namespace. */
  readonly path: string;
  release(): void;
}

export type NetworkSupport =
  | { readonly kind: "available"; readonly pool: NetworkPool }
  | { readonly kind: "unavailable"; readonly reason: string };

interface Waiting {
  readonly rules: readonly string[];
  readonly resolve: (network: Network) => void;
  readonly reject: (error: unknown) => void;
}

interface PreparedSlot {
  readonly slot: NetworkSlot;
  readonly rules: readonly string[];
}

/** All platforms' interfaces on the host start so. */
const ANY_INTERFACES = "fgl";

export class NetworkPool {
  readonly #claim: Claim;
  readonly #names: SlotNames;
  readonly #filter: PacketFilter;
  readonly #reserve: number;
  readonly #free: PreparedSlot[] = [];
  readonly #waiting: Waiting[] = [];
  readonly limitations: readonly string[];
  #made = 0;
  #making = 0;
  #work: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  private constructor(options: {
    readonly claim: Claim;
    readonly names: SlotNames;
    readonly filter: PacketFilter;
    readonly reserve: number;
    readonly limitations: readonly string[];
  }) {
    this.#claim = options.claim;
    this.#names = options.names;
    this.#filter = options.filter;
    this.#reserve = options.reserve;
    this.limitations = options.limitations;
  }

  /** Keeps `reserve` slots ready beyond those in use. */
  static async open(claim: Claim, resolvers: readonly string[], reserve = 2): Promise<NetworkSupport> {
    for (const program of ["ip", "nft"]) {
      if ((await runCommand(program, ["-V"])).kind === "missing") {
        return { kind: "unavailable", reason: `${program} is not installed` };
      }
    }
    const block = claimAddressBlock(claim);
    if (block === undefined) return { kind: "unavailable", reason: "198.18.0.0/15 is in use on this host" };
    try {
      const others = await droppingTables();
      const names = slotNames(claim, block.address);
      const isForwardingOurs = (claim.originalOf(forwarding) ?? forwarding.read()) === "0";
      const filter = await PacketFilter.open({
        table: tableName(claim),
        interfaces: names.interfaces,
        anyInterfaces: ANY_INTERFACES,
        addresses: formatRange(block),
        resolvers,
        isForwardingOurs,
      });
      const limitations = others.map(
        (table) =>
          `The packet filter table "${table}" drops forwarded packets by default: functions may not reach the network until it lets interfaces ${ANY_INTERFACES}* pass.`,
      );
      const pool = new NetworkPool({ claim, names, filter, reserve, limitations });
      await pool.#refill();
      return { kind: "available", pool };
    } catch (error) {
      await removePacketFilter(tableName(claim)).catch(() => undefined);
      return { kind: "unavailable", reason: messageOf(error) };
    }
  }

  /** A network with the exceptions `allow`. At once, one microtask later, where a slot is ready and has just these. */
  async take(allow: readonly string[]): Promise<Network> {
    const rules = allowRules(allow);
    if (this.#isClosed) throw new FrugalError("shutting-down", "The network pool is closed");
    const prepared = this.#pick(rules);
    if (prepared === undefined) {
      return new Promise((resolve, reject) => {
        this.#waiting.push({ rules, resolve, reject });
        this.#refillInBackground();
      });
    }
    this.#refillInBackground();
    return this.#handOver(prepared, rules);
  }

  /** Units must have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#work;
    for (const { reject } of this.#waiting.splice(0)) {
      reject(new FrugalError("shutting-down", "The network pool is closed"));
    }
    await removeNamespaces(namespacesOf(this.#claim));
    await this.#filter.close();
  }

  /** A free slot, if possible one that has the exceptions `rules` already, else one without any. */
  #pick(rules: readonly string[]): PreparedSlot | undefined {
    const wanted = rules.join("\n");
    const index = [wanted, ""]
      .map((key) => this.#free.findIndex((slot) => slot.rules.join("\n") === key))
      .find((found) => found >= 0);
    return index === undefined ? this.#free.pop() : this.#free.splice(index, 1)[0];
  }

  async #handOver({ slot, rules: had }: PreparedSlot, rules: readonly string[]): Promise<Network> {
    if (had.join("\n") !== rules.join("\n")) await this.#filter.except(slot, had.length > 0, rules);
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      this.#offer({ slot, rules });
    };
    return { path: namespacePath(slot), release };
  }

  #offer(prepared: PreparedSlot): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#free.push(prepared);
      return;
    }
    this.#handOver(prepared, next.rules).then(next.resolve, next.reject);
  }

  /** A failure reaches the units that wait, or the next take. */
  #refillInBackground(): void {
    this.#refill().catch(() => undefined);
  }

  /** Makes as many slots as are missing, in one batch; batches follow each other. */
  #refill(): Promise<void> {
    const missing = this.#reserve + this.#waiting.length - this.#free.length - this.#making;
    const count = Math.min(missing, SLOTS_PER_BLOCK - this.#made);
    // Where the block has no room left, waiting units get the next slot that is given back.
    if (count <= 0 || this.#isClosed) return Promise.resolve();
    const slots = Array.from({ length: count }, (_, i) => networkSlot(this.#made + i, this.#names));
    this.#made += count;
    this.#making += count;
    const batch = this.#work.then(() => this.#make(slots));
    this.#work = batch.catch(() => undefined);
    return batch;
  }

  async #make(slots: readonly NetworkSlot[]): Promise<void> {
    try {
      this.#claim.change(forwarding, "1");
      await makeSlots(slots);
      await this.#filter.add(slots);
    } catch (error) {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
      throw error;
    } finally {
      this.#making -= slots.length;
    }
    for (const slot of slots) this.#offer({ slot, rules: [] });
  }
}

/** Removes what the pool of a dead owner left. */
export async function removeNetworks(claim: Claim): Promise<void> {
  await removeNamespaces(namespacesOf(claim));
  await removePacketFilter(tableName(claim)).catch(() => undefined);
}

const tableName = (claim: Claim): string => `frugal_${claim.name}`;
const namespacePrefix = (claim: Claim): string => `frugal-${claim.name}-`;

/** Interface names have room for 15 characters: the numbers are in base 36. */
const slotNames = (claim: Claim, firstAddress: number): SlotNames => ({
  namespaces: namespacePrefix(claim),
  interfaces: `${ANY_INTERFACES}${claim.pid.toString(36)}-${claim.sequence.toString(36)}-`,
  firstAddress,
});

function namespacesOf(claim: Claim): readonly string[] {
  try {
    return readdirSync("/run/netns").filter((name) => name.startsWith(namespacePrefix(claim)));
  } catch {
    return [];
  }
}
