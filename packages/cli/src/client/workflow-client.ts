/**
 * Workflows and their runs over the platform's own API, /v1.
 */
import type { RunId, WorkflowName } from "@frugal/core";
import type { z } from "zod";
import { planSchema, type PlanView } from "./plan-schema.ts";
import type { Call, Transport } from "./transport.ts";
import { understood } from "./understood.ts";
import {
  runListSchema,
  runSchema,
  type RunStatus,
  type RunSummaryView,
  type RunView,
  workflowDetailsSchema,
  type WorkflowDetailsView,
  workflowListSchema,
  workflowSchema,
  type WorkflowView,
} from "./workflow-schemas.ts";

export interface RunsRequest {
  readonly workflow?: WorkflowName | undefined;
  readonly status?: RunStatus | undefined;
  readonly limit: number;
}

export class WorkflowClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Creates the workflow or replaces it; `definition` is YAML, of which JSON is a part. */
  deploy(name: WorkflowName, definition: string): Promise<WorkflowView> {
    return this.#read(workflowSchema, {
      method: "PUT",
      path: pathOf(name),
      body: Buffer.from(definition),
      contentType: "application/yaml",
    });
  }

  async all(): Promise<readonly WorkflowView[]> {
    return (await this.#read(workflowListSchema, get("/v1/workflows"))).workflows;
  }

  details(name: WorkflowName): Promise<WorkflowDetailsView> {
    return this.#read(workflowDetailsSchema, get(pathOf(name)));
  }

  async remove(name: WorkflowName): Promise<void> {
    await this.#transport.json({ method: "DELETE", path: pathOf(name) });
  }

  plan(name: WorkflowName): Promise<PlanView> {
    return this.#read(planSchema, get(`${pathOf(name)}/plan`));
  }

  /** Starts a run and waits for its end, `waitSeconds` at most; `input` is a JSON document. */
  start(name: WorkflowName, input: Uint8Array, waitSeconds: number): Promise<RunView> {
    const path = `${pathOf(name)}/runs?wait=${waitSeconds}`;
    return this.#read(runSchema, { method: "POST", path, body: input });
  }

  run(id: RunId): Promise<RunView> {
    return this.#read(runSchema, get(runPath(id)));
  }

  /** Newest first. */
  async runs({ workflow, status, limit }: RunsRequest): Promise<readonly RunSummaryView[]> {
    const query = new URLSearchParams({
      ...(workflow !== undefined && { workflow }),
      ...(status !== undefined && { status }),
      limit: String(limit),
    });
    return (await this.#read(runListSchema, get(`/v1/runs?${query.toString()}`))).runs;
  }

  cancel(id: RunId): Promise<RunView> {
    return this.#read(runSchema, { method: "POST", path: `${runPath(id)}/cancel` });
  }

  async #read<T>(schema: z.ZodType<T>, call: Call): Promise<T> {
    return understood(schema, await this.#transport.json(call), call.path);
  }
}

const get = (path: string): Call => ({ method: "GET", path });
/** Names of workflows need no escaping. */
const pathOf = (name: WorkflowName): string => `/v1/workflows/${name}`;
const runPath = (id: RunId): string => `/v1/runs/${encodeURIComponent(id)}`;
