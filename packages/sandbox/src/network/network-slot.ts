/**
 * A prepared network namespace with its way out: a pair of virtual interfaces, one end in the namespace.
 */
import { readFileSync } from "node:fs";
import { outputOf, runCommand } from "../host/command.ts";
import { formatIpv4 } from "./ipv4.ts";
import type { FilteredInterface } from "./packet-filter.ts";

/** Where `ip netns` keeps named namespaces. */
const NAMESPACES = "/run/netns";

const ETHERNET_MTU = 1500;

export interface NetworkSlot extends FilteredInterface {
  readonly namespace: string;
  readonly hostAddress: string;
}

export interface SlotNames {
  readonly namespaces: string;
  readonly interfaces: string;
  /** First address of the block. */
  readonly firstAddress: number;
}

export const networkSlot = (number: number, names: SlotNames): NetworkSlot => ({
  number,
  namespace: `${names.namespaces}${number}`,
  name: `${names.interfaces}${number.toString(36)}`,
  hostAddress: formatIpv4(names.firstAddress + 2 * number),
  address: formatIpv4(names.firstAddress + 2 * number + 1),
});

export const namespacePath = (slot: NetworkSlot): string => `${NAMESPACES}/${slot.namespace}`;

/** Makes the namespaces and interfaces of `slots`: one `ip` for the host's side and one per namespace. */
export async function makeSlots(slots: readonly NetworkSlot[]): Promise<void> {
  const mtu = uplinkMtu();
  const hostSide = slots.flatMap(({ name, namespace, hostAddress }) => [
    `netns add ${namespace}`,
    `link add ${name} mtu ${mtu} type veth peer name eth0 netns ${namespace}`,
    `addr add ${hostAddress}/31 dev ${name}`,
    `link set ${name} up`,
  ]);
  await outputOf("ip", ["-batch", "-"], hostSide.join("\n"));
  await Promise.all(
    slots.map((slot) => outputOf("ip", ["-n", slot.namespace, "-batch", "-"], unitSide(slot, mtu))),
  );
}

const unitSide = ({ address, hostAddress }: NetworkSlot, mtu: number): string =>
  [
    "link set lo up",
    `addr add ${address}/31 dev eth0`,
    `link set eth0 mtu ${mtu} up`,
    `route add default via ${hostAddress}`,
  ].join("\n");

/** Largest packet of the host's default route: larger ones of a unit would have to be cut on their way. */
function uplinkMtu(): number {
  try {
    const routes = readFileSync("/proc/net/route", "utf8").split("\n");
    const uplink = routes
      .map((line) => line.split("\t"))
      .find(([, destination]) => destination === "00000000")?.[0];
    return uplink === undefined ? ETHERNET_MTU : Number(readFileSync(`/sys/class/net/${uplink}/mtu`, "utf8"));
  } catch {
    return ETHERNET_MTU;
  }
}

/** Removes namespaces; their interfaces go with them, on both sides. */
export async function removeNamespaces(names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  await runCommand("ip", ["-force", "-batch", "-"], names.map((name) => `netns del ${name}`).join("\n"));
}
