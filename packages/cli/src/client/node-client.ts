/**
 * The machine beneath a platform over its own API, /v1/node: its clocks, read, set and given back.
 */
import type { Seconds } from "@frugal/core";
import { clocksSetSchema, type ClocksSetView, nodeSchema, type NodeView } from "./node-schemas.ts";
import type { Call, Transport } from "./transport.ts";
import { understood } from "./understood.ts";

/** A clock domain by its number, and what it is set to. */
export interface DomainClock {
  readonly domain: number;
  readonly hertz: number;
}

export interface ClocksWish {
  readonly core: readonly DomainClock[];
  readonly uncore: readonly DomainClock[];
}

export class NodeClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async view(): Promise<NodeView> {
    const path = "/v1/node";
    return understood(nodeSchema, await this.#transport.json({ method: "GET", path }), path);
  }

  /** Holds the clocks for the `lease`, or until they are set again or given back; meanwhile the platform sets none itself. */
  async setClocks(clocks: ClocksWish, lease: Seconds): Promise<ClocksSetView> {
    const path = "/v1/node/clocks";
    const body = Buffer.from(JSON.stringify({ ...clocks, leaseSeconds: lease }));
    const call: Call = { method: "PUT", path, body };
    return understood(clocksSetSchema, await this.#transport.json(call), path);
  }

  async giveClocksBack(): Promise<void> {
    await this.#transport.json({ method: "DELETE", path: "/v1/node/clocks" });
  }
}
