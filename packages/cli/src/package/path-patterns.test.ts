import { describe, expect, it } from "vitest";
import { pathPatterns } from "./path-patterns.ts";

describe("pathPatterns", () => {
  it.each([
    ["*.map", "a.map", true],
    ["*.map", "deep/er/a.map", true],
    ["*.map", "a.mapped", false],
    ["docs", "docs/a/b.md", true],
    ["docs/", "x/docs/b.md", true],
    ["docs", "docs2/b.md", false],
    ["/docs", "docs/b.md", true],
    ["/docs", "x/docs/b.md", false],
    ["./docs/*.md", "docs/b.md", true],
    ["docs/*.md", "docs/x/b.md", false],
    ["docs/**/*.md", "docs/b.md", true],
    ["docs/**/*.md", "docs/x/y/b.md", true],
    ["docs/**", "docs/x/y", true],
    ["docs/**", "docs", false],
    ["**", "anything/at/all", true],
    ["a?c", "abc", true],
    ["a?c", "a/c", false],
    ["a.c", "abc", false],
    ["a+(b)[c]{d}^$|", "a+(b)[c]{d}^$|", true],
    ["# docs", "# docs", false],
    ["  ", "x", false],
  ])("%j on %j: left out %s", (pattern, path, expected) => {
    expect(pathPatterns([pattern]).excludes(path)).toBe(expected);
  });

  it("lets the last match win", () => {
    const patterns = pathPatterns(["**", "!src/**", "src/secret.mjs"]);
    expect(patterns.takesBack).toBe(true);
    expect(["a.txt", "src/a.mjs", "src/secret.mjs"].map(patterns.excludes)).toEqual([true, false, true]);
  });
});
