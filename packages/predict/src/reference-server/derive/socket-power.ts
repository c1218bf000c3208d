/**
 * A socket's power split into what is always drawn, its uncore's and its cores', from three figures: a real server's watts
 * idle and at full load (at the wall), and the share of power that a lower uncore clock saves.
 *
 *   idle    = static + uncore(lowest)
 *   full    = static + uncore(highest) + cores x core(highest)
 *   saving  = (uncore(highest) - uncore(lowest)) / (static + uncore(highest) + busy x core(highest))
 *
 * With the uncore's power being proportional to `lowestShare` at its lowest clock these are three linear equations.
 */
import { FrugalError } from "@frugal/core";

/** A server's power at the wall. */
export interface ServerWatts {
  readonly system: string;
  readonly chips: number;
  readonly cores: number;
  readonly idleWatts: number;
  readonly fullWatts: number;
}

export interface SocketWatts {
  readonly static: number;
  /** At its highest clock. */
  readonly uncore: number;
  /** Of one busy core at its highest clock. */
  readonly core: number;
}

/** `busyCores` are those of the socket on which the saving was seen. */
export function splitSocketPower(
  server: ServerWatts,
  saving: number,
  busyCores: number,
  lowestShare: number,
): SocketWatts {
  const idle = server.idleWatts / server.chips;
  const load = server.fullWatts / server.chips - idle;
  const cores = server.cores / server.chips;
  // The swing of the uncore is `odds` times all else that is drawn at its lowest clock.
  const odds = saving / (1 - saving);
  const core = (load - odds * idle) / (cores + odds * busyCores);
  const swing = odds * (idle + busyCores * core);
  const uncore = swing / (1 - lowestShare);
  const split = { static: idle - uncore * lowestShare, uncore, core };
  if (split.static > 0 && split.core > 0) return split;
  throw new FrugalError(
    "invalid-request",
    `The power of ${server.system} cannot be split: ${server.idleWatts} W idle and ${server.fullWatts} W at full load leave nothing for the cores or for the rest`,
  );
}
