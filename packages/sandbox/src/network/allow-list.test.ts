import { FrugalError } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allowRules } from "./allow-list.ts";
import { formatIpv4, overlap, parseIpv4, parseIpv4Range } from "./ipv4.ts";

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const prefix = fc.integer({ min: 0, max: 32 });

describe("IPv4 addresses", () => {
  it("are the same after writing and reading", () => {
    fc.assert(
      fc.property(address, (value) => {
        expect(parseIpv4(formatIpv4(value))).toBe(value);
      }),
    );
  });

  it("overlap exactly when one range contains the other's first address", () => {
    fc.assert(
      fc.property(address, prefix, address, prefix, (one, oneBits, other, otherBits) => {
        const bits = Math.min(oneBits, otherBits);
        const same = BigInt(one) >> BigInt(32 - bits) === BigInt(other) >> BigInt(32 - bits);
        expect(overlap({ address: one, prefix: oneBits }, { address: other, prefix: otherBits })).toBe(same);
      }),
    );
  });

  it("are refused when they are none", () => {
    for (const text of ["", "1.2.3", "1.2.3.256", "1.2.3.4.5", "a.b.c.d", "1.2.3.4 ", "::1"]) {
      expect(parseIpv4(text)).toBeUndefined();
    }
    for (const text of ["1.2.3.4/33", "1.2.3.4/", "1.2.3.4/8/8", "1.2.3.4/-1"]) {
      expect(parseIpv4Range(text)).toBeUndefined();
    }
  });
});

describe("allowRules", () => {
  it("turns ranges, addresses and ports into rules, in one order, without repetition", () => {
    expect(allowRules(["10.1.2.3:5432", "10.1.2.9/24", "10.1.2.3", "10.1.2.0/24"])).toEqual([
      "ip daddr 10.1.2.0/24 accept",
      "ip daddr 10.1.2.3/32 accept",
      "ip daddr 10.1.2.3/32 meta l4proto { tcp, udp } th dport 5432 accept",
    ]);
  });

  it("refuses everything else: nothing of it reaches the packet filter's language", () => {
    const bad = [
      "",
      "example.org",
      "10.1.2.0/24:80",
      "10.1.2.3:0",
      "10.1.2.3:70000",
      "1.2.3.4; accept",
      "fe80::1",
    ];
    for (const text of bad) expect(() => allowRules([text])).toThrow(FrugalError);
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(allowRules([text])[0]).toMatch(
            /^ip daddr [\d.]+\/\d+ (meta l4proto \{ tcp, udp \} th dport \d+ )?accept$/,
          );
        } catch (error) {
          expect(error).toBeInstanceOf(FrugalError);
        }
      }),
    );
  });
});
