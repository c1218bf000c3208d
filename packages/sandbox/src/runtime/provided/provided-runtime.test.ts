import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { instanceSpec } from "../../../test/instance-spec.ts";
import { ProvidedRuntime } from "./provided-runtime.ts";

describe("ProvidedRuntime", () => {
  const runtime = new ProvidedRuntime();
  let codeDirectory: string;
  beforeEach(() => {
    codeDirectory = mkdtempSync(join(tmpdir(), "frugal-provided-"));
    mkdirSync(join(codeDirectory, "bin"));
    for (const file of ["bootstrap", "bin/serve"]) {
      writeFileSync(join(codeDirectory, file), "#!/bin/sh\n");
      chmodSync(join(codeDirectory, file), 0o755);
    }
  });
  afterEach(() => rmSync(codeDirectory, { recursive: true }));

  it.each([
    ["bootstrap", "bootstrap"],
    ["hello.handler", "bootstrap"],
    ["", "bootstrap"],
    ["bin", "bootstrap"],
    ["../bootstrap", "bootstrap"],
    ["bin/serve", "bin/serve"],
  ])("runs for the handler %j the file %s, and hands the handler on", (handler, file) => {
    const spec = instanceSpec({ runtime: "provided", handler, codeDirectory });
    expect(runtime.handlerProblem(spec)).toBeUndefined();
    const { command, environment } = runtime.plan(spec, { kind: "isolated" });
    expect(command).toEqual([`/var/task/${file}`]);
    expect(environment["_HANDLER"]).toBe(handler);
  });

  it("names both files that it looked for", () => {
    rmSync(join(codeDirectory, "bootstrap"));
    const spec = instanceSpec({ runtime: "provided", handler: "bin/server", codeDirectory });
    expect(runtime.handlerProblem(spec)).toBe('the package has no file "bootstrap" or "bin/server" to run');
  });
});
