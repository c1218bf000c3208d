import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ProcessLock } from "./process-lock.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "frugal-lock-"))));
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const taken = (path: string): ProcessLock => {
  const lock = ProcessLock.take(path);
  if (typeof lock === "string") throw new Error(lock);
  return lock;
};

it("is held by one at a time, within one process too", () => {
  const path = join(folder, "made/with/it");
  const lock = taken(path);
  expect(ProcessLock.take(path)).toMatch(/made\/with\/it cannot be locked: .*locked/);
  lock.release();
  lock.release();
  taken(path).release();
});

it("goes with the process that holds it, by kill -9 too", async () => {
  const path = join(folder, "lock");
  const program = `
    import { ProcessLock } from ${JSON.stringify(join(import.meta.dirname, "process-lock.ts"))};
    console.log(typeof ProcessLock.take(${JSON.stringify(path)}));
    setInterval(() => undefined, 1000);
  `;
  const holder = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [word] = (await once(holder.stdout, "data")) as [Buffer];
  expect(word.toString().trim()).toBe("object");
  expect(ProcessLock.take(path)).toMatch(/locked/);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  taken(path).release();
});

it("says why it cannot be had", () => {
  writeFileSync(join(folder, "file"), "");
  expect(ProcessLock.take(join(folder, "file/lock"))).toMatch(
    /file\/lock cannot be locked: .*(ENOTDIR|EEXIST)/,
  );
});
