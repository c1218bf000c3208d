/**
 * A platform of its own for tests of snapshots: functions made of texts, and invocations that say how their instance is to
 * be started.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PlatformClient, type PlatformProcess, startPlatformProcess, Transport } from "@frugal/cli";
import { buildNativePrograms } from "@frugal/sandbox";
import { zipSync } from "fflate";

const checkout = join(import.meta.dirname, "..", "..");

/** Contents by path. */
export type Files = Readonly<Record<string, string | Uint8Array>>;
export type Settings = Omit<Parameters<PlatformClient["deploy"]>[1], "runtime">;

export interface Answer {
  readonly startKind: string | undefined;
  /** What the function returned; where it failed, its error. */
  readonly result: unknown;
}

export class SnapshotPlatform {
  readonly client: PlatformClient;
  readonly #process: PlatformProcess;
  readonly #transport: Transport;

  static async open(options: Parameters<typeof startPlatformProcess>[0] = {}): Promise<SnapshotPlatform> {
    await buildNativePrograms();
    return new SnapshotPlatform(await startPlatformProcess(options));
  }

  private constructor(process: PlatformProcess) {
    this.#process = process;
    this.#transport = new Transport({ url: process.url, apiKey: undefined, connections: 8 });
    this.client = new PlatformClient(this.#transport);
  }

  get url(): string {
    return this.#process.url;
  }

  async close(): Promise<void> {
    await this.#transport.close();
    await this.#process.close();
  }

  /** A Python function where the package has `index.py`. */
  async deploy(name: string, files: Files, settings: Settings = {}): Promise<void> {
    const contents = Object.entries(files).map(([path, content]) => [path, Buffer.from(content)] as const);
    const runtime = "index.py" in files ? "python3" : "nodejs";
    // The same files are the same package.
    const zip = zipSync(Object.fromEntries(contents), { level: 1, mtime: "2000-01-01" });
    await this.client.deploy(name, { handler: "index.handler", ...settings, runtime }, zip);
  }

  /** Where a `start` is given, in an instance that is started so for this invocation. */
  async invoke(name: string, event: unknown = {}, start?: string): Promise<Answer> {
    const reply = await fetch(`${this.url}/v1/functions/${name}/invocations`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(start !== undefined && { "x-frugal-start": start }),
      },
      body: JSON.stringify(event),
    });
    const { startKind, result, error } = (await reply.json()) as {
      startKind?: string;
      result?: unknown;
      error?: unknown;
    };
    return { startKind, result: error ?? result };
  }

  /** Makes a snapshot of the function, or finds the one that is there; its id. */
  async snapshot(name: string): Promise<string> {
    const { snapshot } = await this.client.buildSnapshot(name, true);
    if (snapshot === undefined) throw new Error(`The platform names no snapshot of ${name}`);
    return snapshot.id;
  }

  /** All that was written to the function's log, one record a line. */
  async log(name: string): Promise<string> {
    let text = "";
    for await (const record of this.client.logs(name, { lines: 10_000, follow: false }))
      text += `${JSON.stringify(record)}\n`;
    return text;
  }
}

/** The files of a folder, below `prefix`; `folder` is in the checkout. */
export function filesOf(folder: string, prefix: string): Files {
  const root = join(checkout, folder);
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [prefix + path.slice(root.length), readFileSync(path)];
    }),
  );
}
