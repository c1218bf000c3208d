/**
 * Which files of a package a list of patterns leaves out.
 *
 * A pattern excludes what it matches, `!pattern` takes it back in, and the last match wins. `*` and `?` match inside a name, `**`
 * across folders. A pattern without a slash matches a name at any depth, one with a slash a path from the package's root; matching
 * a folder matches all that is in it. Blank lines and `#` comments are ignored. (The rules of .gitignore, but for character classes.)
 */
export interface PathPatterns {
  /** Whether the file or folder at `path` (relative, with `/`) is left out. */
  readonly excludes: (path: string) => boolean;
  /** Whether an excluded folder may still hold files that are taken back in. */
  readonly takesBack: boolean;
}

export function pathPatterns(lines: readonly string[]): PathPatterns {
  const rules = lines
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const takesBack = line.startsWith("!");
      return { takesBack, expression: expressionOf(takesBack ? line.slice(1) : line) };
    });
  return {
    excludes: (path) => rules.findLast(({ expression }) => expression.test(path))?.takesBack === false,
    takesBack: rules.some(({ takesBack }) => takesBack),
  };
}

function expressionOf(pattern: string): RegExp {
  const path = pattern.replace(/^\.?\//, "").replace(/\/$/, "");
  const anchored = pattern.replace(/\/$/, "").includes("/");
  const body = path.replace(/\*\*\/|\/\*\*$|\*\*|[*?]|[\\^$.|+()[\]{}]/g, (token) => {
    if (token === "**/") return "(?:.*/)?";
    if (token === "/**") return "/.*";
    if (token === "**") return ".*";
    if (token === "*") return "[^/]*";
    return token === "?" ? "[^/]" : `\\${token}`;
  });
  return new RegExp(`${anchored ? "^" : "(?:^|/)"}${body}(?:/|$)`);
}
