/**
 * /v1/runs: what runs of workflows did and do.
 */
import {
  type Clock,
  FrugalError,
  parseWorkflowName,
  type RunId,
  type Seconds,
  seconds,
  type WorkflowName,
} from "@frugal/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { checked } from "../../../registry/checked.ts";
import type { Run } from "../../../workflows/store/run.ts";
import type { Workflows } from "../../../workflows/workflows.ts";
import { routeSchema } from "../route-schema.ts";
import { dataBody } from "./data-body.ts";
import {
  cloudEventSchema,
  runParameter,
  runSchema,
  runsQuery,
  runSummarySchema,
} from "./workflow-schemas.ts";
import { runSummaryView, runView } from "./workflow-views.ts";

interface Identified {
  Params: { id: string };
}

interface RunRouteParts {
  readonly workflows: Workflows;
  readonly clock: Clock;
}

interface Start {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly wait: number;
}

const tag = "runs";
/** A run ends with the next commit, unless the disk does not take it. */
const CANCEL_WAIT = seconds(5);

export function addRunRoutes(app: FastifyInstance, parts: RunRouteParts): void {
  const { runner } = parts.workflows;
  app.get(
    "/v1/runs",
    {
      schema: routeSchema({
        summary: "Runs, newest first, without inputs, outputs and stages",
        tag,
        query: runsQuery,
        answer: z.object({ runs: z.array(runSummarySchema) }),
      }),
    },
    (request) => {
      const { workflow, status, limit } = checked(runsQuery, request.query, "The query");
      const runs = runner.list({ workflow: filterOf(workflow), status, limit });
      return { runs: runs.map((run) => runSummaryView(run, parts.clock.wall())) };
    },
  );

  app.get<Identified>(
    "/v1/runs/:id",
    {
      schema: routeSchema({ summary: "A run with its stages", tag, params: runParameter, answer: runSchema }),
    },
    (request) => viewOf(parts, find(parts, request.params.id)),
  );

  app.get<Identified>(
    "/v1/runs/:id/events",
    {
      schema: routeSchema({
        summary: "The lifecycle events of a run, and those that it emitted, oldest first",
        tag,
        params: runParameter,
        answer: z.object({ events: z.array(cloudEventSchema) }),
      }),
    },
    (request) => ({ events: runner.events(find(parts, request.params.id).id) }),
  );

  app.post<Identified>(
    "/v1/runs/:id/cancel",
    {
      schema: routeSchema({
        summary: "Cancel a run; one that has ended stays as it is. Answers when that is on disk",
        tag,
        params: runParameter,
        status: 202,
        answer: runSchema,
      }),
    },
    async (request, reply) => {
      const { id } = find(parts, request.params.id);
      runner.cancel(id);
      await endOf(parts, id, CANCEL_WAIT, reply);
      reply.code(202);
      return viewOf(parts, find(parts, id));
    },
  );
}

/** Starts a run with the request's body as its input, and answers when it has ended or the time to wait is over. */
export async function startRun(
  parts: RunRouteParts,
  workflow: WorkflowName,
  { request, reply, wait }: Start,
): Promise<z.infer<typeof runSchema>> {
  const { runner } = parts.workflows;
  const run = await new Promise<Run>((resolve, reject) => {
    runner.start(workflow, dataBody(request.body), (error, started) => {
      if (started === undefined)
        reject(error ?? new FrugalError("internal", "A run was neither started nor refused"));
      else resolve(started);
    });
  });
  if (wait > 0) await endOf(parts, run.id, seconds(wait), reply);
  const view = viewOf(parts, find(parts, run.id));
  reply.code(view.status === "running" ? 202 : 200);
  return view;
}

/** Until the run has ended, for as long as somebody waits for the reply. */
const endOf = (
  { workflows }: RunRouteParts,
  id: RunId,
  within: Seconds,
  reply: FastifyReply,
): Promise<void> =>
  new Promise((resolve) => {
    const stop = workflows.runner.waitFor(id, within, resolve);
    reply.raw.on("close", () => {
      stop();
      resolve();
    });
  });

const viewOf = ({ workflows, clock }: RunRouteParts, run: Run): z.infer<typeof runSchema> =>
  runView(run, workflows.runner.stages(run.id), clock.wall());

function find({ workflows }: RunRouteParts, id: string): Run {
  const run = workflows.runner.find(id);
  if (run === undefined)
    throw new FrugalError(
      "run-not-found",
      `No run has the id ${id}. Runs are kept for a while only; see workflows.keepSeconds.`,
      { details: { run: id } },
    );
  return run;
}

function filterOf(text: string | undefined): WorkflowName | undefined {
  if (text === undefined) return undefined;
  const name = parseWorkflowName(text);
  if (name === undefined)
    throw new FrugalError(
      "invalid-request",
      `${JSON.stringify(text)} is no workflow's name: use namespace/name.`,
    );
  return name;
}
