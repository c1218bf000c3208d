/**
 * kill -9 at random moments of everything that a restored instance hangs on, and of the instances themselves, while
 * functions are invoked: no answer is wrong, no invocation hangs, what the platform lost it repeats, and nothing is left.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@frugal/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { cannotRunCriu } from "../../packages/sandbox/test/needs.ts";
import {
  type HostProcess,
  orphans,
  platformProcesses,
  type Role,
  startOf,
} from "./snapshot-kills/platform-processes.ts";
import { tracesOf, unfinishedSnapshots } from "./snapshot-kills/host-traces.ts";
import { Rampage } from "./snapshot-kills/rampage.ts";
import { PlatformUnderFire } from "./snapshot-kills/platform-under-fire.ts";

const KILLS = 200;

describe("kill -9 of every part", () => {
  it.skipIf(cannotRunCriu)(
    "gives no wrong answer, hangs in no invocation, and leaves nothing on the host",
    async () => {
      const began = startOf(process.pid);
      const folder = await temporaryFolder();
      const platform = await PlatformUnderFire.open(join(folder, "data"));
      try {
        const rampage = new Rampage(platform, seededRandom(23));
        await rampage.run(KILLS);
        expect(rampage.faults, JSON.stringify(rampage.summary())).toEqual([]);
        expect(await settled(() => unfinishedSnapshots(platform.dataDirectory))).toEqual([]);
        // What was made before, or is made anew, is of use again.
        await platform.restart();
        expect(unfinishedSnapshots(platform.dataDirectory)).toEqual([]);
        for (const name of ["nodejs", "python3"] as const) {
          await platform.buildSnapshot(name);
          for (const start of ["eager", "lazy", "prefetch", "pooled"] as const) {
            expect(await platform.invoke(name, 7, start)).toMatchObject({
              kind: "right",
              startKind: start === "pooled" ? "prefetch" : start,
            });
          }
        }
      } finally {
        await platform.close();
      }
      expect(await settled(() => orphans(began))).toEqual([]);
      expect(await settled(() => tracesOf(platform.daemons, folder))).toEqual([]);
    },
    300_000,
  );

  it.skipIf(cannotRunCriu)(
    "answers rightly when what serves a lazy clone's memory is killed while it reads all of it",
    async () => {
      const folder = await temporaryFolder();
      const platform = await PlatformUnderFire.open(join(folder, "data"));
      const random = seededRandom(5);
      try {
        const right = await platform.invoke("nodejs", 1, "eager");
        expect(right.kind).toBe("right");
        for (const role of Array.from({ length: 10 }, () => keepers).flat()) {
          const others = platformProcesses(platform.daemon).map(({ pid }) => pid);
          const answer = platform.invoke("nodejs", 1, "lazy");
          const reader = await appearance(() =>
            platformProcesses(platform.daemon).find(
              (one) => one.role === "function" && !one.isRestoring && !others.includes(one.pid),
            ),
          );
          await pause(random.next() * 25);
          killKeeper(platform.daemon, role, reader);
          expect(await answer, role).toMatchObject({ kind: "right" });
        }
      } finally {
        await platform.close();
      }
    },
    120_000,
  );
});

/** Who holds the userfaultfd of a clone. */
const keepers = ["pager", "first-process", "supervisor"] as const;

function killKeeper(daemon: number, role: Role, { unit }: HostProcess): void {
  const victim = platformProcesses(daemon).find(
    (one) => one.role === role && (role === "pager" || one.unit === unit),
  );
  if (victim !== undefined) process.kill(victim.pid, "SIGKILL");
}

/** Looks until there is one. */
async function appearance<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await pause(1);
  }
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "frugal-kills-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** What is still there after the kernel has had its time to end what was killed. */
async function settled(look: () => readonly string[]): Promise<readonly string[]> {
  let found = look();
  for (let attempt = 0; attempt < 50 && found.length > 0; attempt++) {
    await pause(100);
    found = look();
  }
  return found;
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
