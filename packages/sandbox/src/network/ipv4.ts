/**
 * IPv4 addresses and ranges as numbers.
 */

export interface Ipv4Range {
  readonly address: number;
  readonly prefix: number;
}

/** `a.b.c.d` as a number, or undefined where it is none. */
export function parseIpv4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const octets = match.slice(1).map(Number);
  return octets.every((octet) => octet <= 255)
    ? octets.reduce((sum, octet) => sum * 256 + octet, 0)
    : undefined;
}

export const formatIpv4 = (address: number): string =>
  [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");

export function parseIpv4Range(text: string): Ipv4Range | undefined {
  const [left = "", right, ...rest] = text.split("/");
  const address = parseIpv4(left);
  const prefix = right === undefined ? 32 : /^\d{1,2}$/.test(right) ? Number(right) : 33;
  return address === undefined || prefix > 32 || rest.length > 0 ? undefined : { address, prefix };
}

export function overlap(one: Ipv4Range, other: Ipv4Range): boolean {
  const size = 2 ** (32 - Math.min(one.prefix, other.prefix));
  return Math.floor(one.address / size) === Math.floor(other.address / size);
}

export const isLoopback = (address: number): boolean => address >>> 24 === 127;
