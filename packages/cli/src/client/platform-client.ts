/**
 * The platform's own API, /v1, as the commands use it. Every call throws the platform's error, or `unreachable`.
 */
import type { z } from "zod";
import type { FunctionSettings } from "../deploy/deployable.ts";
import {
  deployedListSchema,
  deployedSchema,
  type DeployedView,
  energyStatisticsSchema,
  invocationSchema,
  type InvocationView,
  logRecordSchema,
  type LogRecordView,
  platformStatisticsSchema,
} from "./schemas.ts";
import {
  type BuildView,
  buildSchema,
  snapshotDetailsSchema,
  type SnapshotDetailsView,
  snapshotListSchema,
  type SnapshotView,
} from "./snapshot-schemas.ts";
import { NodeClient } from "./node-client.ts";
import { type Call, parseJson, type Transport } from "./transport.ts";
import { understood } from "./understood.ts";
import { WorkflowClient } from "./workflow-client.ts";

export interface LogsRequest {
  /** Records of the past. */
  readonly lines: number;
  /** Stay, and get new records as they come. */
  readonly follow: boolean;
}

/** An invocation with its function's output byte for byte: JSON.parse would round its large numbers. */
export interface RawInvocation {
  readonly view: InvocationView;
  readonly output: string;
}

export class PlatformClient {
  readonly node: NodeClient;
  readonly workflows: WorkflowClient;
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.node = new NodeClient(transport);
    this.workflows = new WorkflowClient(transport);
  }

  get url(): string {
    return this.#transport.url;
  }

  async functions(): Promise<readonly DeployedView[]> {
    return (await this.#read(deployedListSchema, get("/v1/functions"))).functions;
  }

  function(name: string): Promise<DeployedView> {
    return this.#read(deployedSchema, get(pathOf(name)));
  }

  /** Creates the function or replaces it. */
  deploy(name: string, settings: FunctionSettings, zip: Uint8Array): Promise<DeployedView> {
    const code = { zipBase64: Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength).toString("base64") };
    const body = Buffer.from(JSON.stringify({ ...settings, code }));
    return this.#read(deployedSchema, { method: "PUT", path: pathOf(name), body });
  }

  async remove(name: string): Promise<void> {
    await this.#transport.json({ method: "DELETE", path: pathOf(name) });
  }

  /** `payload` is a JSON document. A function that failed is an answer, not an error. */
  invoke(name: string, payload: Uint8Array, wantsLog: boolean): Promise<RawInvocation> {
    const path = `${pathOf(name)}/invocations${wantsLog ? "?log=tail" : ""}`;
    return this.#invocation({ method: "POST", path, body: payload });
  }

  /** The id of an invocation that is durably queued. */
  async enqueue(name: string, payload: Uint8Array): Promise<string> {
    const path = `${pathOf(name)}/invocations?mode=async`;
    return (await this.#read(invocationSchema, { method: "POST", path, body: payload })).requestId;
  }

  /** The state of an invocation that was queued. */
  queued(requestId: string): Promise<RawInvocation> {
    return this.#invocation(get(`/v1/invocations/${encodeURIComponent(requestId)}`));
  }

  async *logs(name: string, { lines, follow }: LogsRequest): AsyncGenerator<LogRecordView, void> {
    const path = `${pathOf(name)}/logs?lines=${lines}&follow=${follow}`;
    for await (const record of this.#transport.lines(get(path)))
      yield understood(logRecordSchema, record, path);
  }

  async snapshots(): Promise<readonly SnapshotView[]> {
    return (await this.#read(snapshotListSchema, get("/v1/snapshots"))).snapshots;
  }

  snapshot(id: string): Promise<SnapshotDetailsView> {
    return this.#read(snapshotDetailsSchema, get(snapshotPath(id)));
  }

  /** Asks for a snapshot of a function; where it `waits`, throws the reason why none came of it. */
  buildSnapshot(name: string, waits: boolean): Promise<BuildView> {
    const body = Buffer.from(JSON.stringify({ function: name }));
    return this.#read(buildSchema, { method: "POST", path: `/v1/snapshots?wait=${waits}`, body });
  }

  async removeSnapshot(id: string): Promise<void> {
    await this.#transport.json({ method: "DELETE", path: snapshotPath(id) });
  }

  energy(): Promise<z.infer<typeof energyStatisticsSchema>> {
    return this.#read(energyStatisticsSchema, get("/v1/energy"));
  }

  statistics(): Promise<z.infer<typeof platformStatisticsSchema>> {
    return this.#read(platformStatisticsSchema, get("/v1/statistics"));
  }

  async #read<T>(schema: z.ZodType<T>, call: Call): Promise<T> {
    return understood(schema, await this.#transport.json(call), call.path);
  }

  async #invocation(call: Call): Promise<RawInvocation> {
    const text = await this.#transport.text(call);
    const view = understood(invocationSchema, parseJson(text, call.path), call.path);
    return { view, output: rawResult(text) ?? JSON.stringify(view.result) };
  }
}

const get = (path: string): Call => ({ method: "GET", path });
const snapshotPath = (id: string): string => `/v1/snapshots/${encodeURIComponent(id)}`;
const pathOf = (name: string): string => `/v1/functions/${encodeURIComponent(name)}`;

/** The last member of the document, as the platform writes it; inside of strings its quotes would be escaped. */
function rawResult(document: string): string | undefined {
  const mark = ',"result":';
  const at = document.indexOf(mark);
  return at === -1 ? undefined : document.slice(at + mark.length, document.lastIndexOf("}"));
}
