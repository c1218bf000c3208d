/**
 * Makes plain units.
 */
import { accessSync, constants, readFileSync } from "node:fs";
import { allowRules } from "../../network/allow-list.ts";
import { PlainUnit } from "./plain-unit.ts";
import type { Isolation, Unit, UnitFactory, UnitSpec } from "../unit.ts";

/** Of util-linux; sets limits of resources and runs a command. */
const PRLIMIT = "/usr/bin/prlimit";

export class PlainUnitFactory implements UnitFactory {
  readonly isolation: Isolation;
  readonly limitations: readonly string[];
  readonly canPin = false;
  readonly folder = undefined;
  readonly #hasPrlimit = isExecutable(PRLIMIT);

  /** `reason` says why units are not isolated. */
  constructor(reason: string) {
    this.isolation = { kind: "unisolated", reason };
    this.limitations = [
      `Functions are not isolated from the host or from each other: ${reason}.`,
      "Memory, processor and process limits of functions are not enforced.",
      "Functions run on every processor, whatever they are pinned to.",
      "Functions reach every network that the host reaches, whatever their policy says.",
      "Processes that a function moves into a session of their own outlive it.",
      ...(this.#hasPrlimit
        ? []
        : [`The number of open files of functions is not limited: ${PRLIMIT} is not installed.`]),
    ];
  }

  launch(spec: UnitSpec): Unit {
    // A list that an isolating host would refuse is refused here, too.
    if (spec.network.kind === "egress") allowRules(spec.network.allow);
    const limiter = this.#hasPrlimit
      ? [PRLIMIT, `--nofile=${Math.min(spec.limits.openFiles, hardLimitOfOpenFiles())}`, "--core=0", "--"]
      : [];
    return new PlainUnit(this.isolation, spec, limiter);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** An ordinary user can only lower it. */
function hardLimitOfOpenFiles(): number {
  const match = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
  return match === null ? Infinity : Number(match[1]);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
