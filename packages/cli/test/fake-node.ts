/**
 * A platform on a simulated machine, as a calibration sees it: /v1/node with clocks to be set, and functions whose time and energy
 * follow from them as the reference machine says, with a little noise.
 */
import { createServer, type IncomingMessage } from "node:http";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { FrugalError, hertz, seededRandom } from "@frugal/core";
import {
  parseReferenceClocks,
  ReferenceMachine,
  referenceClocksFile,
  type TimeShares,
} from "@frugal/predict";
import { z } from "zod";
import { checkoutFolder } from "../src/checkout.ts";
import type { FakeReply } from "./fake-reply.ts";

interface FakeFunction {
  readonly shares: TimeShares;
  /** At the highest clocks. */
  readonly seconds: number;
  readonly secondsPerByte: number;
  /** As the API shows it. */
  readonly work?: { readonly size: string | null; readonly hyperparameters: readonly string[] };
}

export interface FakeNodeOptions {
  readonly functions: Readonly<Record<string, FakeFunction>>;
  /** Without it, clocks can be set. */
  readonly mode?: "on" | "dry-run" | "off";
  /** Why there are no core clocks. */
  readonly coreReason?: string;
  /** Clocks that cannot be set: the reason. */
  readonly refusal?: string;
  /** Who says what an execution drew. */
  readonly meter?: "rapl" | "model";
  /** Called before each invocation is answered. */
  readonly onInvocation?: (count: number) => void;
}

export interface FakeNode {
  readonly url: string;
  readonly machine: ReferenceMachine;
  /** Method and path, in order. */
  readonly requests: readonly string[];
  /** Whether somebody holds the clocks. */
  isHeld(): boolean;
  close(): Promise<void>;
}

/** Noise of an execution's time, at most. */
const NOISE = 0.02;

const ordersSchema = z.object({
  core: z.array(z.object({ domain: z.number(), hertz: z.number() })),
  uncore: z.array(z.object({ domain: z.number(), hertz: z.number() })),
  leaseSeconds: z.number().positive(),
});

export async function fakeNode(options: FakeNodeOptions): Promise<FakeNode> {
  const node = new SimulatedNode(options);
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { status = 200, body: answer } = node.handle(request, body);
      response.writeHead(status).end(answer === undefined ? undefined : JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    machine: node.machine,
    requests: node.requests,
    isHeld: () => node.held !== undefined,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

class SimulatedNode {
  readonly machine = new ReferenceMachine(
    parseReferenceClocks(readFileSync(join(checkoutFolder, referenceClocksFile), "utf8")),
  );
  readonly requests: string[] = [];
  held: { readonly core: number; readonly uncore: number } | undefined;
  readonly #options: FakeNodeOptions;
  readonly #random = seededRandom(11);
  readonly #warm = new Set<string>();
  #invocations = 0;

  constructor(options: FakeNodeOptions) {
    this.#options = options;
  }

  handle(request: IncomingMessage, body: Buffer): FakeReply {
    const { method = "", url = "" } = request;
    this.requests.push(`${method} ${url}`);
    try {
      if (url === "/v1/node") return { body: this.#view() };
      if (url === "/v1/node/clocks") return method === "PUT" ? this.#set(body) : this.#giveBack();
      const [, name, isInvoked] = /^\/v1\/functions\/([^/]+)(\/invocations)?$/.exec(url) ?? [];
      const fake = name === undefined ? undefined : this.#options.functions[name];
      if (name !== undefined && fake !== undefined)
        return {
          body: isInvoked === undefined ? deployedAs(name, fake) : this.#invoke(name, fake, body.length),
        };
      throw new FrugalError("function-not-found", `No function is called ${JSON.stringify(name)}`);
    } catch (error) {
      const failure = error instanceof FrugalError ? error : new FrugalError("internal", String(error));
      return { status: failure.status, body: failure.toReport() };
    }
  }

  #view(): unknown {
    const { mode = "on", coreReason } = this.#options;
    const { core, uncore } = this.machine.grid;
    const domains = (steps: readonly number[]): unknown[] =>
      [0, 1].map((id) => ({ id, cpus: [id], socket: id, stepsHertz: steps, hertz: null }));
    return {
      machine: "simulated",
      clocks: {
        mode,
        held: this.held !== undefined,
        core:
          coreReason === undefined
            ? { available: true, driver: "simulated", domains: domains(core) }
            : { available: false, reason: coreReason, domains: [] },
        uncore: { available: true, driver: "simulated", domains: domains(uncore) },
      },
    };
  }

  #set(body: Buffer): FakeReply {
    const { core, uncore } = ordersSchema.parse(JSON.parse(body.toString()));
    const { refusal } = this.#options;
    const outcome = refusal === undefined ? { state: "set" } : { state: "failed", reason: refusal };
    const answers = [
      ...core.map((order) => ({ kind: "core", ...order, ...outcome })),
      ...uncore.map((order) => ({ kind: "uncore", ...order, ...outcome })),
    ];
    this.held = { core: core[0]?.hertz ?? 0, uncore: uncore[0]?.hertz ?? 0 };
    return { body: { clocks: answers } };
  }

  #giveBack(): FakeReply {
    this.held = undefined;
    return { status: 204 };
  }

  #invoke(name: string, { shares, seconds, secondsPerByte }: FakeFunction, payload: number): unknown {
    this.#options.onInvocation?.(++this.#invocations);
    const { highest } = this.machine;
    const setting = {
      core: hertz(this.held?.core ?? highest.core),
      uncore: hertz(this.held?.uncore ?? highest.uncore),
    };
    const noise = 1 + NOISE * (2 * this.#random.next() - 1);
    const duration = (seconds + secondsPerByte * payload) * this.machine.stretch(shares, setting) * noise;
    const isWarm = this.#warm.has(name);
    this.#warm.add(name);
    return {
      requestId: "0a5a2b5e-6b43-4d7c-9f0e-8c3a1f0b9d11",
      function: name,
      state: "succeeded",
      start: isWarm ? "warm" : "cold",
      waitSeconds: 0.001,
      durationSeconds: duration,
      energy: {
        kind: "energy",
        joules: duration * this.machine.executionPower(1, setting),
        source: this.#options.meter ?? "rapl",
        quality: "attributed",
        intervalSeconds: duration,
        detail: "simulated",
      },
      counters: { cpuSeconds: duration, pageFaults: 100 },
      result: {},
    };
  }
}

const deployedAs = (name: string, { work }: FakeFunction): unknown => ({
  function: {
    name,
    revision: 1,
    runtime: "nodejs",
    handler: "index.handler",
    memoryMiB: 128,
    timeoutSeconds: 3,
    codeSizeBytes: 1,
    lastModified: "2026-01-01T00:00:00Z",
    ...(work === undefined ? {} : { work }),
  },
  statistics: null,
});
