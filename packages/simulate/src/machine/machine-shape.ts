/**
 * How a simulated machine's processors are arranged, and the clock domains that follow from it: a clock for each core and one
 * for each socket's uncore.
 */
import type { ClockDomain, ClockGrid, MachineClocks } from "@frugal/core";

export interface MachineShape {
  readonly sockets: number;
  readonly coresPerSocket: number;
  readonly threadsPerCore: number;
}

/**
 * The clocks of a machine of this shape, each with the steps of `grid`. Threads are numbered as Linux numbers them: first one
 * of every core, then the second ones.
 */
export function clocksOfShape(shape: MachineShape, grid: ClockGrid): MachineClocks {
  const { sockets, coresPerSocket, threadsPerCore } = shape;
  const cores = sockets * coresPerSocket;
  const core = Array.from({ length: cores }, (_, id): ClockDomain => ({
    id,
    cpus: Array.from({ length: threadsPerCore }, (_thread, thread) => thread * cores + id),
    socket: Math.floor(id / coresPerSocket),
    steps: grid.core,
  }));
  const uncore = Array.from({ length: sockets }, (_, socket): ClockDomain => ({
    id: socket,
    cpus: core
      .filter((domain) => domain.socket === socket)
      .flatMap((domain) => domain.cpus)
      .sort((a, b) => a - b),
    socket,
    steps: grid.uncore,
  }));
  return { core, uncore: grid.uncore.length > 0 ? uncore : [] };
}
