import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mebibytes } from "@frugal/core";
import { instanceSpec } from "../../test/instance-spec.ts";
import { NodejsRuntime } from "./nodejs/nodejs-runtime.ts";
import { Python3Runtime } from "./python3/python3-runtime.ts";
import { ProvidedRuntime } from "./provided/provided-runtime.ts";

const isolated = { kind: "isolated" } as const;
const unisolated = { kind: "unisolated", reason: "a test" } as const;
const runtimes = [new NodejsRuntime(), new Python3Runtime(), new ProvidedRuntime()];

describe("the plans of units", () => {
  it("mount what they name where units are isolated, and name the host's paths where not", () => {
    const spec = instanceSpec({ codeDirectory: "/packages/greet" });
    for (const runtime of runtimes) {
      const inside = runtime.plan(spec, isolated);
      expect(inside.mounts).toContainEqual({ source: "/packages/greet", target: "/var/task" });
      expect([inside.workingDirectory, inside.environment["LAMBDA_TASK_ROOT"]]).toEqual([
        "/var/task",
        "/var/task",
      ]);
      const targets = inside.mounts.map(({ target }) => target);
      const own = inside.command.filter((word) => word.startsWith("/opt/") || word.startsWith("/var/"));
      for (const word of own) expect(targets.some((target) => word.startsWith(target))).toBe(true);

      const outside = runtime.plan(spec, unisolated);
      expect(outside.mounts).toEqual([]);
      expect(outside.environment["LAMBDA_TASK_ROOT"]).toBe("/packages/greet");
    }
  });

  it("let a function set any variable but those that say what it is", () => {
    const environment = { TZ: "Europe/Vienna", _HANDLER: "other.handler", NODE_OPTIONS: "--trace-warnings" };
    for (const runtime of runtimes) {
      expect(runtime.plan(instanceSpec({ environment }), isolated).environment).toMatchObject({
        TZ: "Europe/Vienna",
        _HANDLER: "index.handler",
        NODE_OPTIONS: "--trace-warnings",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      });
    }
  });

  it("tell a template that it is one, and nobody else", () => {
    for (const runtime of runtimes.slice(0, 2)) {
      const template = runtime.plan(instanceSpec({}), isolated, "runtime");
      const ordinary = runtime.plan(instanceSpec({}), isolated);
      expect(template.environment["FRUGAL_TEMPLATE"]).toBe("runtime");
      expect(ordinary.environment["FRUGAL_TEMPLATE"]).toBeUndefined();
      expect(template.mounts).toEqual(expect.arrayContaining([...ordinary.mounts]));
      const addon = template.environment["FRUGAL_RESEED"];
      expect(template.mounts.some(({ target }) => target === addon)).toBe(runtime instanceof NodejsRuntime);
    }
  });

  it("keep Node's heap inside the memory limit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 64, max: 10_240 }), (limit) => {
        const { command } = new NodejsRuntime().plan(instanceSpec({ memory: mebibytes(limit) }), isolated);
        const flag = (name: string) =>
          Number(command.find((word) => word.startsWith(`--max-${name}-space-size=`))?.split("=")[1]);
        expect(flag("old")).toBeGreaterThanOrEqual(Math.floor(limit / 2));
        expect(flag("old") + 3 * flag("semi")).toBeLessThanOrEqual(limit);
      }),
    );
  });
});
