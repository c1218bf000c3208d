/**
 * The clocks of this host for the platform, and what it goes by where there are none to be set: the reference server's.
 *
 * Invariant (cited by the tests):
 *   I3  the clocks are put back when the process exits, also by a fault or at once; after kill -9, when a platform starts next
 */
import { join } from "node:path";
import { type Clock, gridSize, hertz } from "@frugal/core";
import {
  type ClockMode,
  type ClockOptions,
  openClocks,
  readReferenceClocks,
  runningHost,
} from "@frugal/machine";
import { parseReferenceClocks, ReferenceMachine } from "@frugal/predict";
import type { DaemonConfig } from "../config.ts";
import { ClockDesk } from "../platform/pace/clock-desk.ts";

/** A machine's clocks, and what all platforms on it share because of them. */
export interface ClockPlace {
  readonly roots: ClockOptions["roots"];
  /** Has the journal, and the lock of the platform that sets the clocks. A reboot empties it, and puts the clocks back. */
  readonly folder: string;
}

export const clocksOfThisHost = (): ClockPlace => ({ roots: runningHost(), folder: "/run/frugal" });

export interface HostClocks {
  /** Undefined where the clocks are left alone. */
  readonly desk: ClockDesk | undefined;
  /** What is done in the end: `dry-run` also where clocks were to be set, and there are none. */
  readonly mode: ClockMode;
  /** Stands for what nobody has measured of this machine. */
  readonly reference: ReferenceMachine;
  /** What this host lacks, one sentence each with its consequence. */
  readonly limitations: readonly string[];
  /** Puts the clocks back. Idempotent; the end of the process does it, too. */
  close(): void;
}

export function openClockDesk(
  { pace }: DaemonConfig,
  { roots, folder }: ClockPlace,
  clock: Clock,
  report: (problem: string) => void,
): HostClocks {
  const reference = new ReferenceMachine(parseReferenceClocks(readReferenceClocks()));
  const open = (mode: ClockMode): ClockDesk =>
    new ClockDesk(
      openClocks({
        mode,
        roots,
        journal: join(folder, "clocks.journal"),
        lock: join(folder, "clocks.lock"),
        limits: limitsOf(pace),
        reference: reference.grid,
        report,
      }),
      clock,
    );
  const desk = open(pace.clocks);
  if (pace.clocks === "off") {
    desk.close();
    return { desk: undefined, mode: "off", reference, limitations: [], close: () => undefined };
  }
  const { core, uncore } = desk.port;
  if (pace.clocks === "on" && core.kind === "unavailable") {
    desk.close();
    const limitation = `Clocks are chosen, but not set: ${core.reason}. The choice is among the ${gridSize(reference.grid)} settings of a reference server.`;
    return { ...closing(open("dry-run")), mode: "dry-run", reference, limitations: [limitation] };
  }
  const limitations =
    uncore.kind === "available" ? [] : [`Only core clocks are set, no uncore clocks: ${uncore.reason}`];
  return { ...closing(desk), mode: pace.clocks, reference, limitations };
}

/** The exit of the process is the last moment: whatever led to it, nothing else may close the desk any more. */
function closing(desk: ClockDesk): Pick<HostClocks, "desk" | "close"> {
  const close = (): void => {
    process.off("exit", close);
    desk.close();
  };
  process.on("exit", close);
  return { desk, close };
}

const limitsOf = ({ minCoreHertz, maxCoreHertz, minUncoreHertz, maxUncoreHertz }: DaemonConfig["pace"]) => ({
  minCore: minCoreHertz === undefined ? undefined : hertz(minCoreHertz),
  maxCore: maxCoreHertz === undefined ? undefined : hertz(maxCoreHertz),
  minUncore: minUncoreHertz === undefined ? undefined : hertz(minUncoreHertz),
  maxUncore: maxUncoreHertz === undefined ? undefined : hertz(maxUncoreHertz),
});
