/**
 * Why an instance ended or an invocation was lost, in words: what was wrong, where, and what to do next.
 */
import { type Architecture, type ErrorReport, inMebibytes } from "@frugal/core";
import type { InstanceSpec } from "../instance-spec.ts";
import type { FunctionError } from "../sandbox.ts";
import type { UnitExit } from "../unit/unit.ts";

export const initFailed = (spec: InstanceSpec, error: FunctionError): ErrorReport => ({
  code: "init-failed",
  message: [
    `Function "${spec.function}" could not be initialised: ${error.errorType}: ${error.errorMessage}`,
    ...stackOf(error),
    `  Correct what runs when ${spec.handler} is loaded, and deploy again.`,
  ].join("\n"),
  details: { ...error },
});

/** An error that nobody caught, and that ended the process. */
export const uncaught = (spec: InstanceSpec, error: FunctionError): ErrorReport => ({
  code: "function-failed",
  message: [
    `Function "${spec.function}" ended with an uncaught error: ${error.errorType}: ${error.errorMessage}`,
    ...stackOf(error),
    "  Catch errors of callbacks, and await or return every promise, so that the instance can live on.",
  ].join("\n"),
  details: { ...error },
});

/** The stack as lines of a message, without the error itself, which Node repeats there. */
const stackOf = ({ errorMessage, stackTrace = [] }: FunctionError): readonly string[] =>
  stackTrace
    .filter((line, i) => i > 0 || !line.includes(errorMessage))
    .slice(0, 20)
    .map((line) => `  ${line}`);

export const handlerWrong = (spec: InstanceSpec, problem: string): ErrorReport => ({
  code: "init-failed",
  message: `Function "${spec.function}": ${problem}\n  Correct the handler, or add the file to the package, and deploy again.`,
  details: { handler: spec.handler },
});

export const codeMissing = (spec: InstanceSpec): ErrorReport => ({
  code: "invalid-package",
  message: `The code of function "${spec.function}" is gone: there is no folder ${spec.codeDirectory}\n  Deploy the function again.`,
  details: { codeDirectory: spec.codeDirectory },
});

export const runtimeMissing = (spec: InstanceSpec, problem: string): ErrorReport => ({
  code: "runtime-missing",
  message: `Function "${spec.function}" needs the runtime ${spec.runtime}: ${problem}`,
  details: { runtime: spec.runtime },
});

export const architectureWrong = (spec: InstanceSpec, host: Architecture): ErrorReport => ({
  code: "runtime-missing",
  message:
    `Function "${spec.function}" is made for ${spec.architectures.join(" and ")}, but this host is ${host}\n` +
    `  Deploy it with ${host} among its architectures if its code runs there, or to a platform on ${spec.architectures.join(" or ")}.`,
  details: { architectures: spec.architectures, host },
});

export const initTimeout = (spec: InstanceSpec): ErrorReport => ({
  code: "init-timeout",
  message:
    `The initialisation of function "${spec.function}" ran over its timeout of ${spec.initTimeout} s\n` +
    `  Do less while ${spec.handler} is loaded, or raise the function's initTimeout.`,
  details: { limitSeconds: spec.initTimeout },
});

export const functionTimeout = (spec: InstanceSpec): ErrorReport => ({
  code: "function-timeout",
  message:
    `Function "${spec.function}" ran over its timeout of ${spec.invokeTimeout} s, and its instance was ended\n` +
    `  Raise the function's timeout, or see in its log where the time goes.`,
  details: { limitSeconds: spec.invokeTimeout },
});

/** For invocations that shared an instance with one that ran over its timeout. */
export const lostBesideTimeout = (spec: InstanceSpec): ErrorReport => ({
  code: "function-crashed",
  message:
    `Function "${spec.function}" was ended during this invocation, because another one on the same instance ` +
    `ran over the timeout of ${spec.invokeTimeout} s\n` +
    `  Raise the function's timeout, or lower its concurrency so that invocations do not share an instance.`,
  details: { limitSeconds: spec.invokeTimeout },
});

export const stoppedWhileRunning = (spec: InstanceSpec): ErrorReport => ({
  code: "shutting-down",
  message: `An instance of function "${spec.function}" was stopped before this invocation had finished\n  Invoke it again.`,
});

/** It was given to an instance that had ended by itself; nothing of it was executed. */
export const endedBefore = (spec: InstanceSpec): ErrorReport =>
  unitLost(spec, "it ended before it was given the invocation");

export const hungUp = (spec: InstanceSpec): ErrorReport => ({
  code: "function-crashed",
  message:
    `Function "${spec.function}" closed its channel to the platform, and was ended\n` +
    `  The function must leave descriptor 3 alone: it belongs to the platform.`,
});

export const unitFailed = (spec: InstanceSpec, reason: string): ErrorReport => ({
  code: "host-unsupported",
  message: `No sandbox could be made for function "${spec.function}": ${reason}\n  See which checks fail: frugal doctor`,
  details: { reason },
});

export const hookFailed = (spec: InstanceSpec, error: FunctionError): ErrorReport => ({
  code: "snapshot-unusable",
  message: [
    `A clone of function "${spec.function}" could not take up its work: ${error.errorType}: ${error.errorMessage}`,
    ...stackOf(error),
    "  Correct the hooks that the function registered for after a restore.",
  ].join("\n"),
  details: { ...error },
});

const unrestorable = (spec: InstanceSpec, reason: string): ErrorReport => ({
  code: "snapshot-unusable",
  message: `The snapshot of function "${spec.function}" could not be restored: ${reason}`,
  details: { reason },
});

/** The unit could not go on; the function has no part in it. */
const unitLost = (spec: InstanceSpec, reason: string): ErrorReport => ({
  code: "instance-lost",
  message: `An instance of function "${spec.function}" was lost: ${reason}\n  Invoke it again.`,
  details: { reason },
});

/** What the function was doing when its process ended. */
export type Moment = "initialisation" | "invocation" | "idle";

const when: Readonly<Record<Moment, string>> = {
  initialisation: "while it was initialised",
  invocation: "during an invocation",
  idle: "between invocations",
};

/** Where a unit ended by itself. */
export function endedByItself(spec: InstanceSpec, exit: UnitExit, moment: Moment): ErrorReport {
  if (exit.kind === "out-of-memory") return outOfMemory(spec);
  if (exit.kind === "unrestorable") return unrestorable(spec, exit.reason);
  if (exit.kind === "lost") return unitLost(spec, exit.reason);
  if (exit.kind === "unusable")
    return (moment === "initialisation" ? unitFailed : unitLost)(spec, exit.reason);
  const exited = exit.kind === "exited";
  const how = exited ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  const advice = exited
    ? "The function must return or throw instead of exiting"
    : "Signals that a process did not ask for come from crashes of native code";
  return {
    code: moment === "initialisation" ? "init-failed" : "function-crashed",
    message:
      `The process of function "${spec.function}" ended ${when[moment]} (Runtime.ExitError, ${how})\n` +
      `  ${advice}; its log may say more.`,
    details: exited ? { exitCode: exit.code } : { signal: exit.signal },
  };
}

const outOfMemory = (spec: InstanceSpec): ErrorReport => ({
  code: "out-of-memory",
  message:
    `Function "${spec.function}" used more memory than its limit of ${inMebibytes(spec.memory)} MiB\n` +
    `  Raise the function's memorySize, or hold less in memory and in /tmp.`,
  details: { limitBytes: spec.memory },
});
