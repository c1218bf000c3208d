/**
 * What the snapshots of a function depend on, read off the plan of its unit and the host.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { bytes } from "@frugal/core";
import { hostArchitecture } from "../host/architecture.ts";
import { nativeProgram } from "../native/native-programs.ts";
import type { InstanceSpec } from "../instance-spec.ts";
import type { UnitSpec } from "../unit/unit.ts";
import { hostCpuFeatures, hostKernel } from "./catalogue/host-state.ts";
import { type SnapshotDependencies, type SnapshotKey, snapshotKeyOf } from "./catalogue/snapshot-key.ts";
import type { SnapshotKind } from "./snapshots.ts";

/** Of mounts, descriptors and numbers in a unit: grows with every change that makes older images useless. */
const UNIT_LAYOUT = 1;
const PACKAGE = "/var/task";

export class Identity {
  readonly #criu: string;
  readonly #cpuFeatures = hostCpuFeatures();
  readonly #kernel = hostKernel();
  readonly #sums = new Map<string, string>();

  /** `criu` is its version. */
  constructor(criu: string) {
    this.#criu = criu;
  }

  /**
   * The key of a snapshot of `spec` whose template is planned as `plan`. A boot phase depends on neither code nor
   * environment; `content` says what else went into it.
   */
  keyOf(kind: SnapshotKind, spec: InstanceSpec, plan: UnitSpec, content?: string): SnapshotKey {
    const isFunction = kind === "function";
    const code = { sha256: spec.codeSha256 ?? "", handler: spec.handler };
    const key = snapshotKeyOf({
      ...this.#host(spec, plan),
      memory: spec.memory,
      concurrency: spec.concurrency,
      environment: isFunction ? { ...spec.environment, AWS_LAMBDA_FUNCTION_NAME: spec.function } : {},
      code: isFunction ? code : undefined,
    });
    return { ...key, kind, ...(content !== undefined && { content }) };
  }

  #host(
    spec: InstanceSpec,
    plan: UnitSpec,
  ): Pick<
    SnapshotDependencies,
    "instructionSet" | "cpuFeatures" | "kernel" | "criu" | "runtime" | "shimSha256" | "unitLayout"
  > {
    return {
      instructionSet: hostArchitecture,
      cpuFeatures: this.#cpuFeatures,
      kernel: this.#kernel,
      criu: this.#criu,
      runtime: runtimeOf(spec, plan),
      shimSha256: this.#platformSum(plan),
      unitLayout: UNIT_LAYOUT,
    };
  }

  /** Of all that the platform itself puts into the unit, but for the language runtime. */
  #platformSum(plan: UnitSpec): string {
    const program = hostPathOf(plan.command[0], plan);
    const own = plan.mounts
      .filter(({ source, target }) => target !== PACKAGE && source !== program)
      .map(({ source }) => this.#sumOf(source));
    return createHash("sha256")
      .update([nativeProgram("frugal-init"), ...own].join("\n"))
      .digest("hex");
  }

  /** The platform's own files do not change while it runs. */
  #sumOf(path: string): string {
    let sum = this.#sums.get(path);
    if (sum === undefined) this.#sums.set(path, (sum = contentSum(path)));
    return sum;
  }
}

function runtimeOf(spec: InstanceSpec, plan: UnitSpec): SnapshotDependencies["runtime"] {
  const path = hostPathOf(plan.command[0], plan);
  const { size, mtime } = statSync(path);
  const version = spec.runtime === "nodejs" ? process.version : basename(realpathSync(path));
  // A program of the package is part of the code.
  return spec.runtime === "provided"
    ? { name: spec.runtime, version: "", path: "", size: bytes(0), modified: "" }
    : { name: spec.runtime, version, path, size: bytes(size), modified: mtime.toISOString() };
}

/** Where the host has what the unit sees at `path`. */
function hostPathOf(path: string, { mounts }: UnitSpec): string {
  const mount = mounts.find(({ target }) => path === target || path.startsWith(`${target}/`));
  return mount === undefined ? path : mount.source + path.slice(mount.target.length);
}

function contentSum(path: string): string {
  const hash = createHash("sha256");
  const add = (file: string): void => {
    if (statSync(file).isDirectory()) for (const name of readdirSync(file).sort()) add(join(file, name));
    else hash.update(`${file.slice(path.length)}\0`).update(readFileSync(file));
  };
  add(path);
  return hash.digest("hex");
}
