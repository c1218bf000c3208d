/**
 * The `provided` runtime: an executable of the package that speaks the Lambda Runtime API with the platform.
 *
 * All of its start is the function's own code, as on AWS Lambda: the phase `runtime` is zero, and `init` lasts from the
 * launch until the platform gets the first request for an invocation.
 */
import { accessSync, constants } from "node:fs";
import path from "node:path";
import type { InstanceSpec } from "../../instance-spec.ts";
import type { Isolation, Unit, UnitSpec } from "../../unit/unit.ts";
import { findFile } from "../handler-file.ts";
import type { LanguageRuntime, RuntimeListener, RuntimeSession } from "../language-runtime.ts";
import { planUnit, taskRootOf } from "../unit-plan.ts";
import { RuntimeApi } from "./runtime-api.ts";

/** On the unit's own loopback address. */
const PORT = 9001;

export class ProvidedRuntime implements LanguageRuntime {
  readonly outOfMemoryMark = undefined;

  problem(): undefined {
    return undefined;
  }

  handlerProblem(spec: InstanceSpec): string | undefined {
    const name = executableOf(spec);
    const file = findFile(spec.codeDirectory, name, [""]);
    if (file === undefined) {
      const others = [spec.handler].filter((handler) => handler !== "" && handler !== name);
      return `the package has no file ${[name, ...others].map((one) => `"${one}"`).join(" or ")} to run`;
    }
    try {
      accessSync(file, constants.X_OK);
      return undefined;
    } catch {
      return `the file "${name}" is not executable (chmod +x before packing)`;
    }
  }

  plan(spec: InstanceSpec, isolation: Isolation): UnitSpec {
    return planUnit(spec, isolation, {
      command: [path.join(taskRootOf(spec, isolation), executableOf(spec))],
      environment: { AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${PORT}` },
      listenOn: PORT,
    });
  }

  connect(unit: Unit, spec: InstanceSpec, listener: RuntimeListener): RuntimeSession {
    return new RuntimeApi(unit, spec, listener);
  }
}

/** `bootstrap`, unless the handler is a file of the package: AWS Lambda ignores the handler but for handing it on. */
function executableOf({ handler, codeDirectory }: InstanceSpec): string {
  return handler !== "" && findFile(codeDirectory, handler, [""]) !== undefined ? handler : "bootstrap";
}
