/**
 * The `python3` runtime: the host's interpreter with the shim of this folder.
 *
 * Flags: `-s`, no folder of the user's own; `-B`, no bytecode written into the package. Not `-I` or `-E`: functions may
 * set PYTHON* variables, as on AWS Lambda, and nothing of the platform's environment reaches them. Not `-S`: the host's
 * installed packages stay importable, after those of the function's package.
 */
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { InstanceSpec } from "../../instance-spec.ts";
import type { Isolation, Unit, UnitSpec } from "../../unit/unit.ts";
import { ChannelSession } from "../channel-session.ts";
import { findFile } from "../handler-file.ts";
import type { LanguageRuntime, RuntimeListener, RuntimeSession, Template } from "../language-runtime.ts";
import { planUnit } from "../unit-plan.ts";
import { findPython } from "./python-interpreter.ts";

const shimFolder = fileURLToPath(new URL("./shim", import.meta.url));
const mountedShim = "/opt/frugal/runtime";

export class Python3Runtime implements LanguageRuntime {
  readonly outOfMemoryMark = undefined;
  #found: ReturnType<typeof findPython> | undefined;

  problem(): string | undefined {
    const found = this.#python();
    return found.kind === "missing" ? found.reason : undefined;
  }

  handlerProblem({ handler, codeDirectory }: InstanceSpec): string | undefined {
    const dot = handler.lastIndexOf(".");
    const module = handler.slice(0, dot);
    if (dot < 0 || module === "" || handler.slice(dot + 1) === "") {
      return `the handler "${handler}" is not of the form module.function, as in app.handler or src/app.handler`;
    }
    const stem = module.replaceAll(".", "/");
    const endings = [".py", "/__init__.py", ".pyc", ".so"];
    if (findFile(codeDirectory, stem, endings) !== undefined) return undefined;
    return `the handler "${handler}" stands for a module that is not in the package; looked for ${stem}.py and ${stem}/__init__.py`;
  }

  plan(spec: InstanceSpec, isolation: Isolation, template?: Template): UnitSpec {
    const found = this.#python();
    const executable = found.kind === "found" ? found.interpreter.executable : "python3";
    const prefix = found.kind === "found" ? found.interpreter.prefix : undefined;
    const isolated = isolation.kind === "isolated";
    return planUnit(spec, isolation, {
      template,
      command: [executable, "-s", "-B", path.join(isolated ? mountedShim : shimFolder, "shim.py")],
      mounts: isolated
        ? [
            { source: shimFolder, target: mountedShim },
            ...(prefix === undefined ? [] : [{ source: prefix, target: prefix }]),
          ]
        : [],
    });
  }

  connect(unit: Unit, _spec: InstanceSpec, listener: RuntimeListener): RuntimeSession {
    return new ChannelSession(unit.channel, listener);
  }

  #python(): ReturnType<typeof findPython> {
    return (this.#found ??= findPython());
  }
}
