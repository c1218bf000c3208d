/**
 * /v1/workflows: deployed workflows, what is known of their runs, and starting one.
 */
import { isUtf8 } from "node:buffer";
import { type Clock, FrugalError, parseWorkflowName, type WorkflowName } from "@frugal/core";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { checked } from "../../../registry/checked.ts";
import { payloadLimit } from "../../../registry/limits.ts";
import { definitionBytes } from "../../../workflows/definition/parse-workflow.ts";
import { type StoredWorkflow, workflowNotFound } from "../../../workflows/store/workflow-catalog.ts";
import type { Workflows } from "../../../workflows/workflows.ts";
import { routeSchema } from "../route-schema.ts";
import { planSchema } from "./plan-schema.ts";
import { planView } from "./plan-view.ts";
import { startRun } from "./run-routes.ts";
import {
  runSchema,
  startQuery,
  workflowDetailsSchema,
  workflowParameters,
  workflowSchema,
} from "./workflow-schemas.ts";
import { workflowDetailsView, workflowView } from "./workflow-views.ts";

interface Named {
  Params: { namespace: string; name: string };
}

export interface WorkflowRouteParts {
  readonly workflows: Workflows;
  readonly clock: Clock;
}

const tag = "workflows";
const path = "/v1/workflows/:namespace/:name";

export function addWorkflowRoutes(app: FastifyInstance, parts: WorkflowRouteParts): void {
  const { catalog, graphs } = parts.workflows;
  app.get(
    "/v1/workflows",
    {
      schema: routeSchema({
        summary: "All workflows, by name",
        tag,
        answer: z.object({ workflows: z.array(workflowSchema) }),
      }),
    },
    () => ({ workflows: catalog.list().map((stored) => viewOf(parts, stored)) }),
  );

  app.get<Named>(
    path,
    {
      schema: routeSchema({
        summary: "A workflow with its definition, its graph and what its runs have shown",
        tag,
        params: workflowParameters,
        answer: workflowDetailsSchema,
      }),
    },
    (request) => {
      const stored = find(parts, request.params);
      const graph = graphs.of(stored.workflow.name);
      return workflowDetailsView(viewOf(parts, stored), stored, graph ?? { stages: [], edges: [] });
    },
  );

  addPlan(app, parts);
  addDeletion(app, parts);
  addDeployment(app, parts);
  addStart(app, parts);
}

function addPlan(app: FastifyInstance, parts: WorkflowRouteParts): void {
  app.get<Named>(
    `${path}/plan`,
    {
      schema: routeSchema({
        summary: "How its deadline is divided among its stages, in both ways, with clocks and energy",
        tag,
        params: workflowParameters,
        answer: planSchema,
      }),
    },
    (request) => {
      const stored = find(parts, request.params);
      const graph = parts.workflows.graphs.of(stored.workflow.name) ?? { stages: [], edges: [] };
      return planView(stored, graph, parts.workflows.plan(graph, stored));
    },
  );
}

function addDeletion(app: FastifyInstance, parts: WorkflowRouteParts): void {
  app.delete<Named>(
    path,
    {
      schema: routeSchema({
        summary: "Delete a workflow; running runs go on",
        tag,
        params: workflowParameters,
        status: 204,
      }),
    },
    async (request, reply) => {
      parts.workflows.deployments.remove(find(parts, request.params).workflow.name);
      return reply.code(204).send();
    },
  );
}

function addDeployment(app: FastifyInstance, parts: WorkflowRouteParts): void {
  app.put<Named>(
    path,
    {
      bodyLimit: definitionBytes,
      schema: routeSchema({
        summary: "Create or replace a workflow: Serverless Workflow DSL 1.0 as YAML or JSON",
        tag,
        params: workflowParameters,
        body: z.record(z.string(), z.unknown()),
        answer: workflowSchema,
      }),
    },
    async (request, reply) => {
      const name = nameOf(request.params);
      const { body } = request;
      if (!Buffer.isBuffer(body) || !isUtf8(body))
        throw new FrugalError(
          "invalid-workflow",
          "The request's body must be the workflow's definition, YAML or JSON, in UTF-8.",
        );
      const { stored, isNew, warnings } = await parts.workflows.deployments.put(name, body.toString());
      const running = parts.workflows.runner.countRunning(stored.workflow.name);
      return reply.code(isNew ? 201 : 200).send(workflowView(stored, running, warnings));
    },
  );
}

function addStart(app: FastifyInstance, parts: WorkflowRouteParts): void {
  app.post<Named>(
    `${path}/runs`,
    {
      bodyLimit: payloadLimit,
      schema: routeSchema({
        summary: "Start a run with a JSON document; 200 when it ended within `wait`, else 202",
        tag: "runs",
        params: workflowParameters,
        query: startQuery,
        body: z.unknown(),
        status: 202,
        answer: runSchema,
      }),
    },
    (request, reply) => {
      const { wait } = checked(startQuery, request.query, "The query");
      return startRun(parts, find(parts, request.params).workflow.name, { request, reply, wait });
    },
  );
}

const viewOf = ({ workflows }: WorkflowRouteParts, stored: StoredWorkflow): z.infer<typeof workflowSchema> =>
  workflowView(
    stored,
    workflows.runner.countRunning(stored.workflow.name),
    workflows.deployments.warningsFor(stored.workflow),
  );

function find({ workflows }: WorkflowRouteParts, { namespace, name }: Named["Params"]): StoredWorkflow {
  const stored = workflows.catalog.find(`${namespace}/${name}`);
  if (stored === undefined) throw workflowNotFound(`${namespace}/${name}`);
  return stored;
}

function nameOf({ namespace, name }: Named["Params"]): WorkflowName {
  const full = parseWorkflowName(`${namespace}/${name}`);
  if (full === undefined)
    throw new FrugalError(
      "invalid-workflow",
      `${namespace}/${name} cannot be a workflow's name: use small letters, digits and hyphens, up to 63 in each part.`,
    );
  return full;
}
