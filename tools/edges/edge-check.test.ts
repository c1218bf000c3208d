import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkEdges } from "./edge-check.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A copy of the finished packages whose imports resolve inside the copy. */
function copyHouse(): string {
  const copy = mkdtempSync(join(tmpdir(), "frugal-edges-"));
  cpSync(join(root, "package.json"), join(copy, "package.json"));
  mkdirSync(join(copy, "node_modules/@frugal"), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name !== "@frugal") symlinkSync(join(root, "node_modules", name), join(copy, "node_modules", name));
  }
  for (const name of ["core", "predict", "control", "trace"]) {
    cpSync(join(root, "packages", name), join(copy, "packages", name), {
      recursive: true,
      filter: (path) => !/\/(node_modules|\.build)$/.test(path),
    });
    symlinkSync(join(copy, "packages", name), join(copy, "node_modules/@frugal", name));
  }
  return copy;
}

describe("checkEdges()", () => {
  let copy = "";
  beforeAll(() => {
    copy = copyHouse();
  });
  afterAll(() => {
    rmSync(copy, { recursive: true, force: true });
  });

  const plant = (path: string, text: string): void => {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), text);
  };
  const found = async (): Promise<readonly string[]> =>
    (await checkEdges(copy)).problems.map(({ file, problem }) => `${file}: ${problem}`);

  it("finds every import that was planted against the plan, and no other (E1)", async () => {
    expect(await found()).toEqual([]);

    plant("packages/core/src/upwards.ts", `export * from "@frugal/trace";\n`);
    plant("packages/control/src/sideways.ts", `import type {} from "@frugal/trace";\n`);
    plant("packages/trace/src/lazily.ts", `export const later = () => import("@frugal/control");\n`);
    plant("packages/trace/src/past-index.ts", `import "../../core/src/units.ts";\n`);
    plant("packages/trace/src/impure.ts", `import "node:fs";\n`);
    plant("packages/trace/src/pure.test.ts", `import "node:fs";\n`);
    plant("packages/trace/src/tested.ts", `import "./pure.test.ts";\n`);
    plant("packages/trace/src/lost.ts", `import "./nowhere.ts";\n`);
    plant("packages/trace/src/hen.ts", `import type {} from "./egg.ts";\n`);
    plant("packages/trace/src/egg.ts", `import type {} from "./hen.ts";\n`);
    plant("packages/annex/src/index.ts", `import "@frugal/core";\n`);
    plant("functions/csv/handler.ts", `import "@frugal/core";\n`);

    expect([...(await found())].sort()).toEqual([
      "functions/csv/handler.ts: imports packages/core/src/index.ts (imports-of-functions)",
      "packages/annex/src/index.ts: imports packages/core/src/index.ts (unplanned-package)",
      "packages/control/src/sideways.ts: imports packages/trace/src/index.ts (imports-of-control)",
      "packages/core/src/upwards.ts: imports packages/trace/src/index.ts (imports-of-core)",
      "packages/trace/src/egg.ts: imports itself through packages/trace/src/hen.ts -> packages/trace/src/egg.ts (circular)",
      "packages/trace/src/impure.ts: imports fs (impure)",
      "packages/trace/src/lazily.ts: imports packages/control/src/index.ts (imports-of-trace)",
      "packages/trace/src/lost.ts: imports ./nowhere.ts (not-found)",
      "packages/trace/src/past-index.ts: imports packages/core/src/units.ts (past-the-index)",
      "packages/trace/src/tested.ts: imports packages/trace/src/pure.test.ts (source-imports-test)",
    ]);
  });
  it("takes no silence for order: a reader that finds nothing fails for every file (E2)", async () => {
    const blind = await checkEdges(root, () => Promise.resolve({ modules: [], summary: { violations: [] } }));
    expect(blind.modules).toBe(0);
    expect(blind.problems.map(({ file }) => file)).toContain("packages/core/src/units.ts");
    expect(new Set(blind.problems.map(({ problem }) => problem))).toEqual(
      new Set(["its imports were not read"]),
    );
  });
});
