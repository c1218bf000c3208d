import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { FrugalError } from "@frugal/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { criuLines, type FakeCriuHost, fakeCriuHost } from "../../../test/fake-criu-host.ts";
import { cannotRunCriu } from "../../../test/needs.ts";
import { type CriuInstallation, systemCriu } from "./criu-installation.ts";
import { findCriu } from "./find-criu.ts";
import { kernelFeatures } from "./kernel-features.ts";

let host: FakeCriuHost;
let folder: string;
beforeEach(() => {
  host = fakeCriuHost();
  folder = join(mkdtempSync(join(tmpdir(), "features-")), "kernel");
});
afterEach(() => {
  host.remove();
  rmSync(join(folder, ".."), { recursive: true });
});

const criu = (version = "4.1.1"): CriuInstallation => systemCriu(join(host.root, "bin/criu"), version);

describe("kernelFeatures()", () => {
  it("asks criu once for each version and boot, and keeps only the present file", async () => {
    host.program("criu", "echo asked >> $CALLS", ...criuLines("4.1.1"));
    const file = await kernelFeatures(criu(), folder, host);
    expect(readFileSync(file, "utf8")).toBe("features\n");
    expect(await kernelFeatures(criu(), folder, host)).toBe(file);
    expect(host.calls()).toHaveLength(1);
    writeFileSync(join(folder, "criu-4.1.1-6.1-another-boot.kdat"), "");
    const other = await kernelFeatures(criu("4.2"), folder, host);
    expect(other).not.toBe(file);
    expect(readdirSync(folder)).toEqual([basename(other)]);
  });

  it("leaves no file where criu fails", async () => {
    host.program("criu", ...criuLines("4.1.1", "echo 'Error: no' >&2; exit 1"));
    const failure = kernelFeatures(criu(), folder, host);
    await expect(failure).rejects.toThrow(FrugalError);
    await expect(failure).rejects.toThrow("Error: no");
    expect(readdirSync(folder)).toEqual([]);
  });

  it.skipIf(cannotRunCriu)(
    "holds what the criu of this host found out, and leaves its /run alone",
    async () => {
      const search = await findCriu();
      if (search.kind === "missing") throw new Error(search.reason);
      const before = readdirSync("/run").filter((name) => name.startsWith("criu"));
      const file = await kernelFeatures(search.criu, folder);
      expect(statSync(file).size).toBeGreaterThan(100);
      expect(readdirSync("/run").filter((name) => name.startsWith("criu"))).toEqual(before);
    },
  );
});
