/**
 * The DNS resolvers that units may ask: the host's own that are not on its loopback, else those behind systemd's stub.
 */
import { readFileSync } from "node:fs";
import { formatIpv4, isLoopback, parseIpv4 } from "./ipv4.ts";

const resolverFiles = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

/** IPv4 addresses of the first of `files` that names any; empty where none does. */
export function hostResolvers(files: readonly string[] = resolverFiles): readonly string[] {
  for (const file of files) {
    const found = resolversIn(textOf(file));
    if (found.length > 0) return found;
  }
  return [];
}

/** The file that units see. */
export const resolverFile = (resolvers: readonly string[]): string =>
  resolvers.map((address) => `nameserver ${address}\n`).join("");

function resolversIn(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => {
    const address = parseIpv4(/^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? "");
    return address === undefined || address === 0 || isLoopback(address) ? [] : [formatIpv4(address)];
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
