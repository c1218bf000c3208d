import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let temporary: string;
beforeEach(() => (temporary = mkdtempSync(join(tmpdir(), "platform-process-"))));
afterEach(() => {
  rmSync(temporary, { recursive: true, force: true });
});

const program = `
  import { readdirSync } from "node:fs";
  import { startPlatformProcess } from ${JSON.stringify(join(import.meta.dirname, "platform-process.ts"))};
  const platform = await startPlatformProcess();
  console.log(JSON.stringify({ url: platform.url, folders: readdirSync(process.env.TMPDIR) }));
  setInterval(() => undefined, 1000);
`;

/** A program that has started a platform; its temporary data is in `temporary`. */
async function starter() {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, ...(JSON.parse(line) as { url: string; folders: string[] }) };
  }
  throw new Error("the platform did not start");
}

describe("startPlatformProcess", () => {
  it.each(["SIGKILL", "SIGTERM"] as const)(
    "leaves neither a platform nor its data behind when its starter ends by %s",
    async (signal) => {
      const { child, url, folders } = await starter();
      const data = folders.find((folder) => folder.startsWith("frugal-")) ?? "";
      expect(existsSync(join(temporary, data, "endpoint.json"))).toBe(true);
      child.kill(signal);
      await once(child, "exit");
      while (existsSync(join(temporary, data))) await sleep(10);
      await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    },
    30_000,
  );
});
