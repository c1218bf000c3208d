/**
 * A platform of the bench's own, made so that every request is a cold start: an idle instance is stopped at once.
 *
 * Its temporary data is not in /tmp, which may be a file system in memory: files there are never out of the page cache.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  packFolder,
  PlatformClient,
  type PlatformProcess,
  startPlatformProcess,
  Transport,
} from "@frugal/cli";
import { FrugalError } from "@frugal/core";
import type { StartFunction } from "../functions/start-function.ts";
import type { StartKind } from "../start-plan.ts";
import { Gateway, type StartReport } from "./gateway.ts";
import { SnapshotSource } from "./snapshot-source.ts";

/** Instances that may execute at a time: no start waits for a core share or for memory. */
const MOST_INSTANCES = 64;
/** Outlives a reboot by the Filesystem Hierarchy Standard, and so is on a disk. */
const DISK_FOLDER = "/var/tmp";
const IDLE_POLL_MS = 5;
const IDLE_PATIENCE_MS = 30_000;
/** For what an ended instance leaves: its namespaces and control groups are taken down after its last answer. */
const SETTLE_MS = 30;

interface TimedStart {
  readonly ms: number;
  readonly start: StartReport;
}

/** An answer that is still to be judged: that takes time, in which other answers would wait to be seen. */
interface UncheckedStart extends TimedStart {
  /** Throws where the answer is wrong. */
  readonly check: () => void;
}

export class StartPlatform {
  readonly #process: PlatformProcess;
  readonly #transport: Transport;
  readonly #client: PlatformClient;
  readonly #gateway: Gateway;
  readonly #packages = new Map<string, string>();
  readonly snapshots: SnapshotSource;
  #seed = 1;

  static async start(): Promise<StartPlatform> {
    const always = ["--keep-alive", "fixed", "--keep-alive-option", "keepForSeconds=0"];
    const flags = [...always, "--cores", String(MOST_INSTANCES)];
    // Where the platform, which inherits it, makes its temporary folder.
    process.env["TMPDIR"] = DISK_FOLDER;
    return new StartPlatform(await startPlatformProcess({ flags }));
  }

  private constructor(platform: PlatformProcess) {
    this.#process = platform;
    this.#transport = new Transport({ url: platform.url, apiKey: undefined });
    this.#client = new PlatformClient(this.#transport);
    this.#gateway = new Gateway(platform.url);
    this.snapshots = new SnapshotSource(this.#client);
  }

  get limitations(): readonly string[] {
    return this.#process.limitations;
  }

  async deploy({ name, folder, settings }: StartFunction): Promise<void> {
    const { zip } = await packFolder(folder, {});
    const own = { timeoutSeconds: 60, queueTimeoutSeconds: 120, maxInstances: MOST_INSTANCES };
    const deployed = await this.#client.deploy(name, { ...settings, ...own }, zip);
    const sha256 = String(deployed.function["codeSha256"]);
    this.#packages.set(
      name,
      join(this.#process.dataDirectory, "code", Buffer.from(sha256, "base64").toString("hex")),
    );
  }

  async remove(name: string): Promise<void> {
    await this.#client.remove(name);
  }

  /** Folders of the function's package and of its snapshot, where it has one. */
  async foldersOf(name: string): Promise<readonly string[]> {
    const code = this.#packages.get(name);
    const snapshot = await this.snapshots.figuresOf(name);
    return [
      ...(code === undefined ? [] : [code]),
      ...(snapshot === undefined ? [] : [await this.snapshots.folderOf(snapshot.id)]),
    ];
  }

  /** Invokes the function with the next input; throws where the answer is wrong. `extra` goes into the payload. */
  async start(fn: StartFunction, wish: StartKind | undefined, extra: object = {}): Promise<TimedStart> {
    const { check, ...timed } = await this.startUnchecked(fn, wish, extra);
    check();
    return timed;
  }

  /** As `start`, but for the check, which is the caller's. */
  async startUnchecked(
    fn: StartFunction,
    wish: StartKind | undefined,
    extra: object = {},
  ): Promise<UncheckedStart> {
    const { name } = fn;
    const seed = this.#seed++;
    const { ms, output, start } = await this.#gateway.invoke(name, { ...fn.payload(seed), ...extra }, wish);
    const check = (): void => {
      const wrong = fn.check(seed, output);
      if (wrong === undefined) return;
      throw new FrugalError("internal", `${name} started as ${start.kind} answered wrongly: ${wrong}`, {
        details: { function: name, start, seed },
      });
    };
    return { ms, start, check };
  }

  /** Waits until no instance of the function is left. */
  async untilIdle(name: string): Promise<void> {
    const end = performance.now() + IDLE_PATIENCE_MS;
    for (;;) {
      const { statistics } = await this.#client.function(name);
      const { starting = 0, idle = 0, busy = 0 } = statistics?.instances ?? {};
      if (starting + idle + busy === 0) break;
      if (performance.now() > end) {
        throw new FrugalError("internal", `Instances of ${name} do not end after their answers`, {
          details: { function: name, instances: statistics?.instances },
        });
      }
      await delay(IDLE_POLL_MS);
    }
    await delay(SETTLE_MS);
  }

  async close(): Promise<void> {
    this.#gateway.close();
    await this.#transport.close();
    await this.#process.close();
  }
}
