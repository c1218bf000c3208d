/**
 * The platform's ends of a unit's descriptors 1 to 3.
 */
import type { ChildProcess } from "node:child_process";
import { Duplex, type Readable } from "node:stream";
import { FrugalError } from "@frugal/core";

export interface UnitPipes {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly channel: Duplex;
}

/** A process that ends with data on the way breaks its pipes; that is no fault of the platform, so errors end here. */
export function unitPipes(child: ChildProcess): UnitPipes {
  const { stdout, stderr } = child;
  // Node leaves `stdio` out, against its type, where it could not open the pipes: `stdout` is then missing, too.
  const channel: unknown = stdout ? child.stdio[3] : undefined;
  if (!stdout || !stderr || !(channel instanceof Duplex)) {
    throw new FrugalError(
      "host-unsupported",
      "The platform cannot open more pipes for a new unit: it is at its limit of open files; raise it with ulimit -n",
    );
  }
  for (const pipe of [stdout, stderr, channel]) pipe.on("error", () => undefined);
  return { stdout, stderr, channel };
}
