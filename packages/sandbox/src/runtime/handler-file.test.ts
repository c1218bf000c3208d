import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { findFile, splitHandler } from "./handler-file.ts";

const folder = mkdtempSync(path.join(tmpdir(), "handler-file-"));
mkdirSync(path.join(folder, "package/src/app.js"), { recursive: true });
for (const name of ["secret.js", "package/index.js", "package/src/app.mjs"]) {
  writeFileSync(path.join(folder, name), "");
}
afterAll(() => rmSync(folder, { recursive: true }));

describe("findFile()", () => {
  it.each([
    ["index", "index.js"],
    ["src/app", "src/app.mjs"],
    ["src/../index", "index.js"],
    ["nothing", undefined],
    ["../secret", undefined],
    ["/etc/passwd", undefined],
    ["", undefined],
  ])("finds %s as %s", (stem, expected) => {
    const root = path.join(folder, "package");
    const found = findFile(root, stem, [".js", ".mjs"]);
    expect(found === undefined ? undefined : path.relative(root, found)).toBe(expected);
  });
});

describe("splitHandler()", () => {
  it.each([
    ["index.handler", { module: "index", exported: "handler" }],
    ["src/v1.0/app.routes.get", { module: "src/v1.0/app", exported: "routes.get" }],
    ["index", undefined],
    ["src/.handler", undefined],
    ["index.", undefined],
    ["", undefined],
  ])("takes %s apart", (handler, expected) => {
    expect(splitHandler(handler)).toEqual(expected);
  });
});
