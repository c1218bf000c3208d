import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { suggestion } from "./nearest.ts";

const words = ["handler", "runtime", "memorySize", "timeout", "environment"] as const;

const nearest = (word: string, candidates: readonly string[]): string | undefined =>
  /^ \(did you mean "(.*)"\?\)$/s.exec(suggestion(word, candidates))?.[1];

describe("suggestion", () => {
  it("finds what was meant: a missing, a wrong, a swapped letter, another case", () => {
    expect(nearest("memorySiz", words)).toBe("memorySize");
    expect(nearest("memorysize", words)).toBe("memorySize");
    expect(nearest("hanlder", words)).toBe("handler");
    expect(nearest("timeaut", words)).toBe("timeout");
    expect(suggestion("handlr", words)).toBe(' (did you mean "handler"?)');
  });

  it("suggests nothing far-fetched", () => {
    expect(nearest("provider", words)).toBeUndefined();
    expect(nearest("", words)).toBeUndefined();
    expect(suggestion("zzz", words)).toBe("");
  });

  it("takes an exact match before all others", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, selector: (word) => word.toLowerCase() }),
        (candidates) => {
          for (const one of candidates) expect(nearest(one, candidates)).toBe(one);
        },
      ),
    );
  });
});
