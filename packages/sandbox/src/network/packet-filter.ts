/**
 * The packet filter of one platform: one nftables table that decides what its units may reach.
 *
 * Invariants (cited by the tests):
 *   F1  what a unit sends is judged by its destination, packet by packet; an earlier connection opens nothing
 *   F2  to a unit comes only what answers it
 *   F3  refused connections fail at once instead of waiting for a timeout
 *   F4  where the platform itself switched forwarding on, the host forwards nothing but units' packets
 */
import { outputOf } from "../host/command.ts";

/**
 * Destinations that are not the public internet: this network, private, shared (RFC 6598), loopback, link-local with the
 * metadata services, protocol assignments, benchmarking (the units' own addresses), multicast and reserved.
 */
const blockedRanges = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
] as const;

export interface PacketFilterOptions {
  readonly table: string;
  /** What the names of this platform's host interfaces start with, and those of any platform. */
  readonly interfaces: string;
  readonly anyInterfaces: string;
  /** The units' addresses, `a.b.c.d/n`. */
  readonly addresses: string;
  readonly resolvers: readonly string[];
  /** Whether forwarding was off before this platform needed it. */
  readonly isForwardingOurs: boolean;
}

export interface FilteredInterface {
  readonly name: string;
  readonly number: number;
  readonly address: string;
}

export class PacketFilter {
  readonly #name: string;
  readonly #table: string;

  private constructor(table: string) {
    this.#name = table;
    this.#table = `inet ${table}`;
  }

  static async open(options: PacketFilterOptions): Promise<PacketFilter> {
    await nft(`${removal(options.table)}\n${tableText(options)}`);
    return new PacketFilter(options.table);
  }

  /** Knows interfaces and the one address that each may send from. */
  async add(interfaces: readonly FilteredInterface[]): Promise<void> {
    const elements = interfaces.map(({ name, address }) => `"${name}" . ${address}`).join(", ");
    await nft(`add element ${this.#table} sources { ${elements} }`);
  }

  /** Replaces the exceptions of one interface by `rules`. */
  async except({ name, number }: FilteredInterface, had: boolean, rules: readonly string[]): Promise<void> {
    const chain = `${this.#table} exceptions_${number}`;
    const forget = [`delete element ${this.#table} exceptions { "${name}" }`, `delete chain ${chain}`];
    const learn = [
      `add chain ${chain}`,
      ...rules.map((rule) => `add rule ${chain} ${rule}`),
      `add element ${this.#table} exceptions { "${name}" : jump exceptions_${number} }`,
    ];
    await nft([...(had ? forget : []), ...(rules.length > 0 ? learn : [])].join("\n"));
  }

  /** Also where somebody has removed the table already, as a reload of the host's own rules does. */
  close(): Promise<void> {
    return removePacketFilter(this.#name);
  }
}

/** Removes the table of a dead owner, where there is one. */
export async function removePacketFilter(table: string): Promise<void> {
  await nft(removal(table));
}

/** Deleting a table fails where there is none; adding one that is there does not. */
const removal = (table: string): string => `add table inet ${table}\ndelete table inet ${table}`;

/** Names of other tables that drop what they do not know: packets must pass all tables. */
export async function droppingTables(): Promise<readonly string[]> {
  const listing: unknown = JSON.parse(await outputOf("nft", ["-j", "list", "chains"]));
  if (!isRecord(listing) || !Array.isArray(listing["nftables"])) return [];
  return listing["nftables"].flatMap((entry: unknown) => {
    const chain = isRecord(entry) ? entry["chain"] : undefined;
    if (!isRecord(chain) || chain["hook"] !== "forward" || chain["policy"] !== "drop") return [];
    return [`${String(chain["family"])} ${String(chain["table"])}`];
  });
}

function tableText(options: PacketFilterOptions): string {
  const ours = `"${options.interfaces}*"`;
  const any = `"${options.anyInterfaces}*"`;
  const resolvers = options.resolvers.length === 0 ? "" : `elements = { ${options.resolvers.join(", ")} }`;
  return `
table inet ${options.table} {
  set resolvers { type ipv4_addr; ${resolvers} }
  set blocked { type ipv4_addr; flags interval; elements = { ${blockedRanges.join(", ")} } }
  set sources { type ifname . ipv4_addr; }
  map exceptions { type ifname : verdict; }
  chain refuse {
    # The kernel sends few ICMP messages a second, but resets without limit.
    meta l4proto tcp reject with tcp reset
    reject with icmpx type admin-prohibited
  }
  chain from_unit {
    meta nfproto != ipv4 drop
    iifname . ip saddr != @sources drop
    oifname ${any} jump refuse
    iifname vmap @exceptions
    ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 accept
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname ${ours} jump from_unit
    iifname ${ours} ip daddr @blocked jump refuse
    iifname ${ours} accept
    oifname ${ours} ct state established,related accept
    oifname ${ours} drop
    ${options.isForwardingOurs ? `iifname != ${any} oifname != ${any} drop` : ""}
  }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname ${ours} jump from_unit
    iifname ${ours} jump refuse
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${options.addresses} oifname != ${any} masquerade
  }
}
`;
}

const nft = (commands: string): Promise<string> => outputOf("nft", ["-f", "-"], commands);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
