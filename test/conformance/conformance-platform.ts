/**
 * Where scenarios are run: a real platform on this machine, over its HTTP API.
 */
import { type PlatformProcess, startPlatformProcess } from "@frugal/cli";
import { parse } from "yaml";
import { type FakeHosts, openFakeHosts } from "./fake-hosts.ts";

/** In the life of a run, in order. */
interface LifecycleEvent {
  /** Without `io.serverlessworkflow.` and `.v1`: `task.completed`. */
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Definition {
  readonly document: { readonly namespace: string; readonly name: string };
}

export type Execution =
  | { readonly kind: "refused"; readonly message: string }
  | {
      readonly kind: "run";
      readonly status: string;
      readonly output: unknown;
      readonly fault: unknown;
      readonly events: readonly LifecycleEvent[];
    };

/** Scenarios that end at all end within milliseconds. */
const WAIT_SECONDS = 30;

export class ConformancePlatform {
  readonly #platform: PlatformProcess;
  readonly #hosts: FakeHosts;

  static async open(): Promise<ConformancePlatform> {
    const hosts = await openFakeHosts();
    return new ConformancePlatform(await startPlatformProcess(), hosts);
  }

  private constructor(platform: PlatformProcess, hosts: FakeHosts) {
    this.#platform = platform;
    this.#hosts = hosts;
  }

  async execute(definition: string, input: unknown): Promise<Execution> {
    const { document, ...rest } = parse(this.#hosts.localised(definition)) as Definition;
    const path = `/v1/workflows/${document.namespace}/${document.name}`;
    // Some of the kit's definitions have no version, which the DSL's own schema requires.
    const whole = { document: { version: "0.0.0", ...document }, ...rest };
    const deployed = await this.#ask("PUT", path, JSON.stringify(whole));
    if (deployed.status >= 400) return { kind: "refused", message: JSON.stringify(deployed.body) };
    const started = await this.#ask("POST", `${path}/runs?wait=${WAIT_SECONDS}`, JSON.stringify(input));
    const { id, status, output, fault } = started.body as Record<string, unknown>;
    if (started.status >= 400) throw new Error(`The run was refused: ${JSON.stringify(started.body)}`);
    const { events } = (await this.#ask("GET", `/v1/runs/${String(id)}/events`)).body as {
      events: readonly LifecycleEvent[];
    };
    return {
      kind: "run",
      status: String(status),
      output,
      fault,
      events: events.map(({ type, data }) => ({
        type: type.replace(/^io\.serverlessworkflow\.(.*)\.v1$/, "$1"),
        data,
      })),
    };
  }

  async close(): Promise<void> {
    await this.#platform.close();
    await this.#hosts.close();
  }

  async #ask(
    method: string,
    path: string,
    body?: string,
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    const reply = await fetch(`${this.#platform.url}${path}`, {
      method,
      ...(body !== undefined && { body, headers: { "content-type": "application/json" } }),
    });
    return { status: reply.status, body: await reply.json() };
  }
}
