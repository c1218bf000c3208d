/**
 * Picks how units are made on this host: isolated where it can be, else plain, with the reason.
 */
import { existsSync } from "node:fs";
import { messageOf } from "@frugal/core";
import { IsolatedUnitFactory } from "./isolated/isolated-unit-factory.ts";
import { areNativeProgramsBuilt, nativeProgram } from "../native/native-programs.ts";
import type { RestoreTools } from "./isolated/restore-tools.ts";
import { PlainUnitFactory } from "./plain/plain-unit-factory.ts";
import type { UnitFactory } from "./unit.ts";

const namespaces = ["pid", "mnt", "net", "ipc", "uts", "cgroup"];

/** Why units cannot be isolated on this host, as part of a sentence, or undefined where they can. */
export function isolationProblem(): string | undefined {
  if (process.platform !== "linux") return "isolation needs Linux";
  if (process.getuid?.() !== 0) return "the platform does not run as root";
  const missing = namespaces.filter((name) => !existsSync(`/proc/self/ns/${name}`));
  if (missing.length > 0) return `the kernel has no namespaces of kind ${missing.join(", ")}`;
  if (!areNativeProgramsBuilt()) return "the native programs are not built; run: frugal setup";
  return undefined;
}

export interface UnitFactoryOptions {
  /** `none`: plain units also where isolated ones could be made. */
  readonly isolation?: "best" | "none";
  /** What units need to be dumped and restored; undefined: none is. */
  readonly tools?: RestoreTools | undefined;
  /** Isolated units kept ready of each kind. */
  readonly reserve?: number;
}

/** The best factory of this host. To be closed at the end. */
export async function openUnitFactory({
  isolation = "best",
  tools,
  reserve = 0,
}: UnitFactoryOptions = {}): Promise<UnitFactory> {
  const problem = isolation === "none" ? "isolation is switched off" : isolationProblem();
  if (problem !== undefined) return new PlainUnitFactory(problem);
  try {
    return await IsolatedUnitFactory.open({ init: nativeProgram("frugal-init"), tools, reserve });
  } catch (error) {
    return new PlainUnitFactory(messageOf(error));
  }
}
