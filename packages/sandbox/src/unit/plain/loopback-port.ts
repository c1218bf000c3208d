/**
 * A free TCP port on the host's loopback address, known before anything listens on it.
 */
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";

/** Below Linux's range of ports for outgoing connections, so that none of these takes it in between. */
const FIRST = 20_000;
const LAST = 32_767;

export function freeLoopbackPort(tables: readonly string[] = ["/proc/net/tcp", "/proc/net/tcp6"]): number {
  const used = new Set(tables.flatMap(localPorts));
  let port = randomInt(FIRST, LAST + 1);
  for (let tried = FIRST; used.has(port) && tried <= LAST; tried++) port = port === LAST ? FIRST : port + 1;
  return port;
}

/** The second column is `address:port` in hexadecimal. */
function localPorts(table: string): readonly number[] {
  let text: string;
  try {
    text = readFileSync(table, "utf8");
  } catch {
    return [];
  }
  return [...text.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) /gm)].map((match) =>
    Number.parseInt(match[1] ?? "", 16),
  );
}
