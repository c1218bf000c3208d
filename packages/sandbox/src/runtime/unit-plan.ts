/**
 * What the units of all runtimes have in common: the package, limits, and AWS Lambda's environment variables.
 */
import { inMebibytes } from "@frugal/core";
import type { InstanceSpec } from "../instance-spec.ts";
import type { Template } from "./language-runtime.ts";
import type { Isolation, ReadOnlyMount, UnitSpec } from "../unit/unit.ts";

/** Where an isolated function finds its package. */
const TASK_ROOT = "/var/task";
/** AWS Lambda's limits of one instance. */
const PROCESSES = 1024;
const OPEN_FILES = 1024;

/** What a runtime adds. */
export interface RuntimePart {
  readonly command: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
  readonly mounts?: readonly ReadOnlyMount[];
  readonly listenOn?: number;
  readonly template?: Template | undefined;
}

/** The package as the function sees it: mounted, or where it is on a host that cannot isolate. */
export const taskRootOf = (spec: InstanceSpec, isolation: Isolation): string =>
  isolation.kind === "isolated" ? TASK_ROOT : spec.codeDirectory;

/** The unit of `spec`; the function's own variables give way to those that say what it is. */
export function planUnit(spec: InstanceSpec, isolation: Isolation, part: RuntimePart): UnitSpec {
  const taskRoot = taskRootOf(spec, isolation);
  const code: readonly ReadOnlyMount[] =
    isolation.kind === "isolated" ? [{ source: spec.codeDirectory, target: TASK_ROOT }] : [];
  return {
    id: spec.id,
    command: part.command,
    environment: {
      ...defaultEnvironment,
      ...part.environment,
      ...spec.environment,
      ...lambdaEnvironment(spec, taskRoot),
      ...(part.template !== undefined && { FRUGAL_TEMPLATE: part.template }),
    },
    workingDirectory: taskRoot,
    mounts: [...code, ...(part.mounts ?? [])],
    limits: {
      memory: spec.memory,
      cores: spec.cores,
      cpus: spec.cpus,
      processes: PROCESSES,
      openFiles: OPEN_FILES,
      temporaryStorage: spec.temporaryStorage,
    },
    network: spec.network,
    ...(part.listenOn !== undefined && { listenOn: part.listenOn }),
  };
}

const defaultEnvironment = {
  HOME: "/tmp",
  LANG: "C.UTF-8",
  PATH: "/usr/local/bin:/usr/bin:/bin",
  TZ: ":UTC",
};

const lambdaEnvironment = (spec: InstanceSpec, taskRoot: string): Readonly<Record<string, string>> => ({
  _HANDLER: spec.handler,
  LAMBDA_TASK_ROOT: taskRoot,
  AWS_EXECUTION_ENV: `Frugal_${spec.runtime}`,
  AWS_LAMBDA_FUNCTION_NAME: spec.function,
  AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(Math.floor(inMebibytes(spec.memory))),
  AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.function}`,
  AWS_LAMBDA_LOG_STREAM_NAME: spec.id,
  AWS_LAMBDA_MAX_CONCURRENCY: String(spec.concurrency),
});
