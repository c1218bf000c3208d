/**
 * The addresses of one platform's units: a /22 of 198.18.0.0/15, the range for benchmarks between networks, which nobody
 * should use on a real one. Each slot has two neighbouring addresses, the host's and the unit's.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import type { Claim } from "../host/claim.ts";
import { formatIpv4, type Ipv4Range, overlap, parseIpv4Range } from "./ipv4.ts";

const FIRST = 0xc612_0000;
const PREFIX = 22;
const BLOCK_SIZE = 2 ** (32 - PREFIX);
const BLOCKS = 2 ** (PREFIX - 15);

/** Slots that a block has room for. */
export const SLOTS_PER_BLOCK = BLOCK_SIZE / 2;

/** A block that no other platform and no interface of the host uses, noted in `claim`; undefined where all are taken. */
export function claimAddressBlock(claim: Claim): Ipv4Range | undefined {
  const taken = [...ofOtherClaims(claim), ...ofHost()];
  for (let attempt = 0; attempt < BLOCKS; attempt++) {
    const index = (claim.pid + claim.sequence + attempt) % BLOCKS;
    const block = { address: FIRST + index * BLOCK_SIZE, prefix: PREFIX };
    if (taken.some((other) => overlap(block, other))) continue;
    writeFileSync(join(claim.folder, "addresses"), formatRange(block));
    return block;
  }
  return undefined;
}

export const formatRange = ({ address, prefix }: Ipv4Range): string => `${formatIpv4(address)}/${prefix}`;

const ofOtherClaims = (claim: Claim): readonly Ipv4Range[] =>
  claim.others().flatMap((other) => {
    try {
      return parseIpv4Range(readFileSync(join(other.folder, "addresses"), "utf8")) ?? [];
    } catch {
      return [];
    }
  });

const ofHost = (): readonly Ipv4Range[] =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .flatMap(({ cidr }) => parseIpv4Range(cidr ?? "") ?? []);
