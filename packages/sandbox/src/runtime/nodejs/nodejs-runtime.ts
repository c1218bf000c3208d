/**
 * The `nodejs` runtime: the platform's own Node executable with the shim of this folder.
 *
 * The heap's limits follow the memory limit, so that V8 collects garbage before the kernel ends the process: what Node
 * itself needs (about 48 MiB) is set aside, but never more than half. The young generation, three semi-spaces, stays
 * below a tenth.
 */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Bytes, inMebibytes } from "@frugal/core";
import type { InstanceSpec } from "../../instance-spec.ts";
import type { Isolation, Unit, UnitSpec } from "../../unit/unit.ts";
import { ChannelSession } from "../channel-session.ts";
import { findFile, splitHandler } from "../handler-file.ts";
import { nativeProgram } from "../../native/native-programs.ts";
import type { LanguageRuntime, RuntimeListener, RuntimeSession, Template } from "../language-runtime.ts";
import { planUnit } from "../unit-plan.ts";

const ENDINGS = [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"];
const OWN_MEBIBYTES = 48;
const LARGEST_SEMI_SPACE = 16;

const shimFolder = fileURLToPath(new URL("./shim", import.meta.url));
const mountedNode = "/opt/frugal/node";
const mountedShim = "/opt/frugal/runtime";
const mountedReseed = "/opt/frugal/reseed.node";

export class NodejsRuntime implements LanguageRuntime {
  readonly outOfMemoryMark = "JavaScript heap out of memory";

  problem(): undefined {
    return undefined;
  }

  handlerProblem({ handler, codeDirectory }: InstanceSpec): string | undefined {
    const parts = splitHandler(handler);
    if (parts === undefined) {
      return `the handler "${handler}" is not of the form file.export, as in index.handler or src/app.handler`;
    }
    if (findFile(codeDirectory, parts.module, ENDINGS) !== undefined) return undefined;
    const names = ENDINGS.map((ending) => parts.module + ending).join(", ");
    return `the handler "${handler}" stands for a file that is not in the package; looked for ${names}`;
  }

  plan(spec: InstanceSpec, isolation: Isolation, template?: Template): UnitSpec {
    const isolated = isolation.kind === "isolated";
    const [node, shim] = isolated ? [mountedNode, mountedShim] : [process.execPath, shimFolder];
    const addon = template === undefined ? undefined : nativeProgram("frugal-reseed.node");
    return planUnit(spec, isolation, {
      template,
      command: [
        node,
        ...heapFlags(spec.memory),
        ...(template === undefined ? [] : templateFlags),
        "--disable-warning=ExperimentalWarning",
        path.join(shim, "shim.mjs"),
      ],
      mounts: isolated
        ? [
            { source: process.execPath, target: mountedNode },
            { source: shimFolder, target: mountedShim },
            ...(addon === undefined ? [] : [{ source: addon, target: mountedReseed }]),
          ]
        : [],
      ...(addon !== undefined && {
        environment: { FRUGAL_RESEED: isolated ? mountedReseed : addon },
      }),
    });
  }

  connect(unit: Unit, _spec: InstanceSpec, listener: RuntimeListener): RuntimeSession {
    return new ChannelSession(unit.channel, listener);
  }
}

/**
 * V8 plans to shrink the heap 8 s after a collection. In a clone of a snapshot that is older than that, this would come at once
 * and walk the whole heap beside its first invocation: hello took 1500 page faults for it instead of 600.
 */
const templateFlags = ["--no-memory-reducer"];

function heapFlags(memory: Bytes): readonly string[] {
  const mebibytes = inMebibytes(memory);
  const old = Math.floor(Math.max(mebibytes / 2, mebibytes - OWN_MEBIBYTES));
  const semi = Math.max(1, Math.min(LARGEST_SEMI_SPACE, Math.floor(mebibytes / 32)));
  return [`--max-old-space-size=${old}`, `--max-semi-space-size=${semi}`];
}
