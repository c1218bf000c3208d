import { describe, expect, it } from "vitest";
import { hostPlatform, runsOn } from "./target-platform.ts";

describe("runsOn", () => {
  const linux = { os: "linux", cpu: "x64", libc: "glibc" } as const;

  it.each([
    [{}, true],
    [{ os: [] }, true],
    [{ os: ["linux"], cpu: ["x64"], libc: ["glibc"] }, true],
    [{ os: ["darwin"] }, false],
    [{ cpu: ["arm64", "x64"] }, true],
    [{ cpu: ["arm64"] }, false],
    [{ libc: ["musl"] }, false],
    [{ os: ["!win32"] }, true],
    [{ os: ["!linux"] }, false],
    [{ os: ["any"] }, true],
  ])("judges %j as npm does", (fields, expected) => {
    expect(runsOn(fields, linux)).toBe(expected);
  });

  it("asks for no C library where the platform has none to name", () => {
    expect(runsOn({ libc: ["musl"] }, { os: "darwin", cpu: "arm64", libc: undefined })).toBe(true);
  });

  it("knows this host", () => {
    const host = hostPlatform();
    expect(host).toMatchObject({ os: process.platform, cpu: process.arch });
    expect(host.libc === undefined).toBe(process.platform !== "linux");
  });
});
