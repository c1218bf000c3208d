/**
 * A daemon with two functions that sum up all their memory, so that one page of zeros makes an answer wrong.
 */
import { join } from "node:path";
import {
  packFolder,
  PlatformClient,
  type PlatformProcess,
  startPlatformProcess,
  Transport,
} from "@frugal/cli";
import { daemonProcess } from "./platform-processes.ts";

export const functionNames = ["nodejs", "python3"] as const;
export type FunctionName = (typeof functionNames)[number];
export type Start = "boot" | "eager" | "lazy" | "prefetch" | "pooled";

export type Answer =
  | { readonly kind: "right"; readonly startKind: string | undefined }
  | { readonly kind: "wrong"; readonly text: string }
  /** `code` is the platform's, or the type of the function's error. */
  | { readonly kind: "error"; readonly code: string; readonly text: string }
  | { readonly kind: "unreachable"; readonly text: string }
  | { readonly kind: "hung" };

const TIMEOUT_SECONDS = 4;
/** Its timeout, and what several starts take on a busy host. */
const PATIENCE_MS = 15_000;

const fixtures = join(import.meta.dirname, "../../fixtures/checksums");

export class PlatformUnderFire {
  readonly dataDirectory: string;
  /** The pids of all daemons so far. */
  readonly daemons: number[] = [];
  readonly #expected = new Map<string, string>();
  #process: PlatformProcess;
  #transport: Transport;

  private constructor(dataDirectory: string, platform: PlatformProcess) {
    this.dataDirectory = dataDirectory;
    this.#process = platform;
    this.#transport = transportTo(platform);
    this.#note();
  }

  static async open(dataDirectory: string): Promise<PlatformUnderFire> {
    const platform = new PlatformUnderFire(dataDirectory, await start(dataDirectory));
    for (const name of functionNames) {
      const { zip } = await packFolder(join(fixtures, name), {});
      const settings = {
        runtime: name,
        handler: "index.handler",
        timeoutSeconds: TIMEOUT_SECONDS,
        initTimeoutSeconds: 6,
      };
      await platform.#client.deploy(name, settings, zip);
      await platform.buildSnapshot(name);
    }
    return platform;
  }

  get daemon(): number {
    return this.daemons.at(-1) ?? Number.NaN;
  }

  /** Why the daemon has ended by itself; undefined while it runs. */
  ending(): string | undefined {
    return this.#process.ending();
  }

  /** Learns the right answer to `id` from whatever comes first: every other answer must be the same. */
  async invoke(name: FunctionName, id: number, startBy: Start | undefined): Promise<Answer> {
    try {
      const reply = await fetch(`${this.#process.url}/v1/functions/${name}/invocations`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(startBy !== undefined && { "x-frugal-start": startBy }),
        },
        body: JSON.stringify({ id }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      return this.#judge(`${name} ${id}`, reply, await reply.text());
    } catch (error) {
      const isTimeout = error instanceof Error && error.name === "TimeoutError";
      return isTimeout ? { kind: "hung" } : { kind: "unreachable", text: String(error) };
    }
  }

  async buildSnapshot(name: FunctionName): Promise<void> {
    await this.#client.buildSnapshot(name, true);
  }

  async removeSnapshots(name: FunctionName): Promise<void> {
    for (const { id, functions } of await this.#client.snapshots()) {
      if (functions.includes(name)) await this.#client.removeSnapshot(id);
    }
  }

  async logs(name: FunctionName, lines: number): Promise<readonly string[]> {
    const texts: string[] = [];
    for await (const record of this.#client.logs(name, { lines, follow: false }))
      texts.push(JSON.stringify(record));
    return texts;
  }

  async killDaemon(): Promise<void> {
    await this.#process.kill();
    await this.restart();
  }

  async restart(): Promise<void> {
    await this.close();
    this.#process = await start(this.dataDirectory);
    this.#transport = transportTo(this.#process);
    this.#note();
  }

  async close(): Promise<void> {
    await this.#transport.close();
    await this.#process.close();
  }

  get #client(): PlatformClient {
    return new PlatformClient(this.#transport);
  }

  #note(): void {
    const pid = daemonProcess();
    if (pid === undefined) throw new Error("the daemon is not among this process's children");
    this.daemons.push(pid);
  }

  #judge(key: string, reply: Response, text: string): Answer {
    const body = JSON.parse(text) as {
      readonly result?: unknown;
      readonly error?: { readonly code?: string; readonly errorType?: string };
      readonly code?: string;
    };
    if (body.result === undefined || body.result === null) {
      const code = body.error?.code ?? body.error?.errorType ?? body.code ?? "unknown";
      return { kind: "error", code, text };
    }
    const result = JSON.stringify(body.result);
    const expected = this.#expected.get(key) ?? result;
    this.#expected.set(key, expected);
    if (result !== expected) return { kind: "wrong", text: `${result} instead of ${expected}` };
    return { kind: "right", startKind: reply.headers.get("x-frugal-start-kind") ?? undefined };
  }
}

/** Idle instances go soon, so that most invocations find a fresh one. */
const start = (dataDirectory: string): Promise<PlatformProcess> =>
  startPlatformProcess({
    dataDirectory,
    flags: ["--keep-alive", "fixed", "--keep-alive-option", "keepForSeconds=1"],
  });

const transportTo = ({ url }: PlatformProcess): Transport =>
  new Transport({ url, apiKey: undefined, connections: 8 });
