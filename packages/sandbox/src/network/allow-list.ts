/**
 * The exceptions that a function's network policy allows: `10.1.2.0/24`, `10.1.2.3` or `10.1.2.3:5432`.
 */
import { FrugalError } from "@frugal/core";
import { formatIpv4, type Ipv4Range, parseIpv4, parseIpv4Range } from "./ipv4.ts";

interface AllowedDestination {
  readonly range: Ipv4Range;
  /** Undefined allows every port and protocol; else this one of TCP and UDP. */
  readonly port: number | undefined;
}

/** `text` as an exception; `invalid-request` where it is none. */
function parseAllowedDestination(text: string): AllowedDestination {
  const [host = "", port, ...rest] = text.split(":");
  const range = port === undefined ? parseIpv4Range(host) : addressOnly(host);
  const number = port === undefined ? undefined : portOf(port);
  if (range === undefined || rest.length > 0 || (port !== undefined && number === undefined)) {
    throw new FrugalError(
      "invalid-request",
      `Not a destination that a function's network can allow: ${JSON.stringify(text)}.\n` +
        "  Write an IPv4 range (10.1.2.0/24), an address (10.1.2.3) or an address with a port (10.1.2.3:5432).",
    );
  }
  return { range, port: number };
}

/** As rules of the packet filter, in one order for equal lists. */
export const allowRules = (list: readonly string[]): readonly string[] =>
  [...new Set(list.map((text) => ruleOf(parseAllowedDestination(text))))].sort();

function ruleOf({ range, port }: AllowedDestination): string {
  const size = 2 ** (32 - range.prefix);
  const first = Math.floor(range.address / size) * size;
  const destination = `ip daddr ${formatIpv4(first)}/${range.prefix}`;
  return port === undefined
    ? `${destination} accept`
    : `${destination} meta l4proto { tcp, udp } th dport ${port} accept`;
}

function addressOnly(text: string): Ipv4Range | undefined {
  const address = parseIpv4(text);
  return address === undefined ? undefined : { address, prefix: 32 };
}

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : undefined;
}
