/**
 * Does an accepted asynchronous invocation survive kill -9 (I1)?
 *
 * Sends 2,000 asynchronous invocations, a few of which kill their own instance, and kills the daemon 20 times at random
 * moments meanwhile; each time it is started again on the same data. In the end every invocation that was answered with 202 must
 * have succeeded with its own answer or be recorded as failed.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  packFolder,
  PlatformClient,
  type PlatformProcess,
  startPlatformProcess,
  Transport,
} from "@frugal/cli";
import { FrugalError, type Random, seededRandom } from "@frugal/core";
import type { Bench } from "./bench.ts";

/** A platform lives no longer than this before it is killed: long enough that some work is done in most lives. */
const LONGEST_LIFE_MS = 1500;

const HANDLER = `export const handler = async ({ id, doomed }) => {
  if (doomed) process.kill(process.pid, "SIGKILL");
  await new Promise((resolve) => setTimeout(resolve, 5));
  return { id };
};
`;

export interface CrashResult {
  readonly kills: number;
  readonly accepted: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Those that failed, by what the record says. */
  readonly failures: Readonly<Record<string, number>>;
  /** Accepted, but neither executed nor recorded as failed. Must be 0. */
  readonly lost: number;
  /** Executed with another answer than their own. Must be 0. */
  readonly wrong: number;
  readonly seconds: number;
}

export const bench: Bench = {
  question: "does every accepted asynchronous invocation survive kill -9 of the daemon and of instances?",
  async run({ note }) {
    const result = await crashTest({ invocations: 2000, kills: 20, seed: Date.now() % 2 ** 31, note });
    const { kills, accepted, succeeded, failed, failures, lost, wrong } = result;
    const text = `${kills} kills, ${accepted} accepted: ${succeeded} succeeded, ${failed} failed on record (${JSON.stringify(failures)}), ${lost} lost, ${wrong} wrong\n`;
    return { document: { ...result }, text };
  },
};

interface CrashOptions {
  readonly invocations: number;
  readonly kills: number;
  readonly seed: number;
  readonly note: (line: string) => void;
}

export async function crashTest(options: CrashOptions): Promise<CrashResult> {
  const started = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "frugal-crash-"));
  const run = new CrashRun(join(folder, "data"), options);
  try {
    const code = join(folder, "code");
    await mkdir(code);
    await writeFile(join(code, "index.mjs"), HANDLER);
    await run.deploy(code);
    await run.sendAndKill();
    return { ...(await run.judge()), seconds: (performance.now() - started) / 1000 };
  } finally {
    await run.end();
    await rm(folder, { recursive: true, force: true });
  }
}

class CrashRun {
  readonly #dataDirectory: string;
  readonly #options: CrashOptions;
  readonly #random: Random;
  /** What was sent, by the id with which it was accepted. */
  readonly #accepted = new Map<string, number>();
  #platform: PlatformProcess | undefined;
  #transport: Transport | undefined;
  #kills = 0;
  #isDead = false;

  constructor(dataDirectory: string, options: CrashOptions) {
    this.#dataDirectory = dataDirectory;
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  async deploy(code: string): Promise<void> {
    await this.#start();
    const { zip } = await packFolder(code, {});
    const settings = {
      runtime: "nodejs",
      handler: "index.handler",
      timeoutSeconds: 5,
      asyncRetries: 2,
    };
    await this.#client().deploy("survivor", settings, zip);
  }

  /** Sends everything, again where it was not accepted; kills and restarts the daemon while a batch is on its way. */
  async sendAndKill(): Promise<void> {
    const { invocations, kills, note } = this.#options;
    let unsent = Array.from({ length: invocations }, (_, id) => id);
    const batch = Math.ceil(invocations / kills);
    while (unsent.length > 0) {
      const sending = Promise.all(unsent.splice(0, batch).map((id) => this.#send(id)));
      if (this.#kills < kills) await this.#killSoon();
      unsent = [...unsent, ...(await sending).filter((id) => id !== undefined)];
      if (this.#isDead) await this.#start();
      note(`${this.#kills} kills, ${this.#accepted.size} of ${invocations} accepted`);
    }
  }

  async #killSoon(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#random.next() * LONGEST_LIFE_MS));
    await this.#platform?.kill();
    this.#isDead = true;
    this.#kills++;
  }

  /** Waits until nothing is open any more, and counts. */
  async judge() {
    const failures: Record<string, number> = {};
    const counts = {
      kills: this.#kills,
      accepted: this.#accepted.size,
      succeeded: 0,
      failed: 0,
      lost: 0,
      wrong: 0,
    };
    for (const [requestId, id] of this.#accepted) {
      const found = await this.#settled(requestId);
      if (found === undefined) counts.lost++;
      else if (found.view.state === "failed") {
        counts.failed++;
        const reason = found.view.error?.errorType ?? "unknown";
        failures[reason] = (failures[reason] ?? 0) + 1;
      } else if (found.output === JSON.stringify({ id })) counts.succeeded++;
      else counts.wrong++;
    }
    return { ...counts, failures };
  }

  async end(): Promise<void> {
    await this.#transport?.close();
    await this.#platform?.close();
  }

  async #settled(requestId: string) {
    for (;;) {
      const found = await this.#client()
        .queued(requestId)
        .catch(() => undefined);
      if (found === undefined || found.view.state === "succeeded" || found.view.state === "failed")
        return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Its number where it was not answered, and so not accepted: its caller sends it again. Every fiftieth kills its instance. */
  async #send(id: number): Promise<number | undefined> {
    const payload = Buffer.from(JSON.stringify({ id, doomed: id % 50 === 49 }));
    try {
      this.#accepted.set(await this.#client().enqueue("survivor", payload), id);
      return undefined;
    } catch (error) {
      if (error instanceof FrugalError && error.code === "unreachable") return id;
      throw error;
    }
  }

  #client(): PlatformClient {
    if (this.#transport === undefined) throw new Error("the platform was not started");
    return new PlatformClient(this.#transport);
  }

  async #start(): Promise<void> {
    await this.#transport?.close();
    this.#isDead = false;
    this.#platform = await startPlatformProcess({ dataDirectory: this.#dataDirectory });
    this.#transport = new Transport({ url: this.#platform.url, apiKey: undefined, connections: 32 });
  }
}
