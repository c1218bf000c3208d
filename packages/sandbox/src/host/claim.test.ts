import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Claim, type HostSetting } from "./claim.ts";

/** Above every pid that Linux gives. */
const DEAD_PID = 4_194_305;

class FakeSetting implements HostSetting {
  readonly name = "fake";
  value: string;

  constructor(value: string) {
    this.value = value;
  }

  read(): string {
    return this.value;
  }

  write(value: string): void {
    this.value = value;
  }
}

describe("Claim", () => {
  let base: string;

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), "frugal-claims-"));
  });

  afterEach(() => rmSync(base, { recursive: true }));

  it("has a name of its own, which is free again after its release (C1)", () => {
    const first = Claim.take(base);
    const second = Claim.take(base);
    expect([first.name, second.name]).toEqual([`${process.pid}`, `${process.pid}_1`]);
    expect(first.others().map(({ name }) => name)).toEqual([second.name]);
    first.release([]);
    expect(Claim.take(base).name).toBe(`${process.pid}`);
  });

  it("is stale when its process is gone, or another one has its pid (C2)", () => {
    const living = Claim.take(base);
    mkdirSync(join(base, `${DEAD_PID}_2`));
    expect(Claim.stale(base).map(({ name }) => name)).toEqual([`${DEAD_PID}_2`]);
    writeFileSync(join(living.folder, "started"), "1");
    expect(
      Claim.stale(base)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([living.name, `${DEAD_PID}_2`].sort());
    // The next claim of this process replaces it.
    const next = Claim.take(base);
    expect(next.name).toBe(living.name);
    expect(readFileSync(join(next.folder, "started"), "utf8")).not.toBe("1");
  });

  it("is stale when its process has ended but was not collected by its parent (C2)", async () => {
    // The child ends when its input does, after the shell has become a program that collects no children.
    const parent = spawn("/bin/sh", ["-c", "(read line <&3) & echo $!; exec sleep 60 3<&-"], {
      stdio: ["ignore", "pipe", "ignore", "pipe"],
    });
    const pid = String(await new Promise((resolve) => parent.stdout?.once("data", resolve))).trim();
    const stat = (): readonly string[] => readFileSync(`/proc/${pid}/stat`, "utf8").split(" ");
    const isSleeping = (): boolean => readFileSync(`/proc/${String(parent.pid)}/comm`, "utf8") === "sleep\n";
    await vi.waitUntil(isSleeping, { timeout: 30_000 });
    (parent.stdio[3] as Socket).destroy();
    await vi.waitUntil(() => stat()[2] === "Z", { timeout: 30_000 });
    mkdirSync(join(base, pid));
    writeFileSync(join(base, pid, "started"), stat()[21] ?? "");
    expect(Claim.stale(base).map(({ name }) => name)).toEqual([pid]);
    parent.kill("SIGKILL");
  });

  it("puts a setting back exactly when the last claim that changed it is released (C3)", () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });
    fc.assert(
      fc.property(
        fc.constantFrom("0", "1"),
        fc.subarray([0, 1, 2, 3]),
        order,
        (original, changers, releases) => {
          const setting = new FakeSetting(original);
          const claims = releases.map(() => Claim.take(base));
          for (const index of changers) claims[index]?.change(setting, "1");
          const remaining = new Set(changers);
          for (const index of releases) {
            expect(setting.value).toBe(remaining.size > 0 ? "1" : original);
            claims[index]?.release([setting]);
            remaining.delete(index);
          }
          expect(setting.value).toBe(original);
        },
      ),
      { numRuns: 30 },
    );
  });
});
