import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { candidateIn, compareVersions, isUsableVersion, versionIn } from "./criu-version.ts";

describe("criu versions", () => {
  it("are read from what criu and apt print", () => {
    expect(versionIn("Version: 4.1.1\n")).toBe("4.1.1");
    expect(versionIn("Version: 4.1\nGitID: v4.1-12-gabc\n")).toBe("4.1");
    expect(versionIn("criu: command not found")).toBeUndefined();
    const policy = "criu:\n  Installed: (none)\n  Candidate: 3.17.1-2+deb12u2\n  Version table:\n";
    expect(candidateIn(policy)).toBe("3.17.1");
    expect(candidateIn("criu:\n  Candidate: 1:4.2-1\n")).toBe("4.2");
    expect(candidateIn("criu:\n  Installed: (none)\n  Candidate: (none)\n")).toBeUndefined();
    expect(candidateIn("")).toBeUndefined();
  });

  it("are usable from 4.1.1 on", () => {
    expect(["3.17.1", "4.0", "4.1"].filter(isUsableVersion)).toEqual([]);
    expect(["4.1.1", "4.1.1.1", "4.2", "4.10", "5.0"].every(isUsableVersion)).toBe(true);
  });

  it("are ordered as lists of numbers", () => {
    const numbers = fc.array(fc.nat(30), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(numbers, numbers, (left, right) => {
        const width = Math.max(left.length, right.length);
        const key = (parts: readonly number[]): string =>
          Array.from({ length: width }, (_, part) => String(parts[part] ?? 0).padStart(2, "0")).join();
        const order = compareVersions(left.join("."), right.join("."));
        expect(Math.sign(order)).toBe(key(left) < key(right) ? -1 : key(left) > key(right) ? 1 : 0);
      }),
    );
  });
});
