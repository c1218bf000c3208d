/**
 * /v1/snapshots: what functions can be started from.
 */
import { FrugalError } from "@frugal/core";
import type { BuildResult } from "@frugal/sandbox";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { checked } from "../../registry/checked.ts";
import type { FunctionDefinition } from "../../registry/definition.ts";
import { jsonBody } from "../json-body.ts";
import { findFunction } from "../lambda/find-function.ts";
import type { ServerParts } from "../server-parts.ts";
import { routeSchema } from "./route-schema.ts";
import {
  buildBody,
  buildQuery,
  buildSchema,
  snapshotDetailsSchema,
  snapshotSchema,
} from "./snapshot-schemas.ts";
import { snapshotDetailsView, snapshotView } from "./snapshot-views.ts";

interface Identified {
  Params: { id: string };
}

const tag = "snapshots";
const idParameter = z.object({ id: z.string().meta({ description: "As the list of snapshots says" }) });

export function addSnapshotRoutes(app: FastifyInstance, parts: ServerParts): void {
  const { snapshots } = parts;
  app.get(
    "/v1/snapshots",
    {
      schema: routeSchema({
        summary: "All snapshots",
        tag,
        answer: z.object({ snapshots: z.array(snapshotSchema) }),
      }),
    },
    () => ({ snapshots: snapshots.list().map(snapshotView) }),
  );

  app.get<Identified>(
    "/v1/snapshots/:id",
    {
      schema: routeSchema({
        summary: "A snapshot with its files, its working set and its last restores",
        tag,
        params: idParameter,
        answer: snapshotDetailsSchema,
      }),
    },
    async (request) => {
      const details = await snapshots.inspect(request.params.id);
      if (details === undefined) throw noSnapshot(request.params.id);
      return snapshotDetailsView(details);
    },
  );

  app.delete<Identified>(
    "/v1/snapshots/:id",
    {
      schema: routeSchema({
        summary: "Delete a snapshot; instances that were started from it go on",
        tag,
        params: idParameter,
        status: 204,
      }),
    },
    async (request, reply) => {
      if (!(await snapshots.remove(request.params.id))) throw noSnapshot(request.params.id);
      return reply.code(204).send();
    },
  );
  addBuildRoute(app, parts);
}

function addBuildRoute(app: FastifyInstance, { store, snapshots }: ServerParts): void {
  app.post(
    "/v1/snapshots",
    {
      schema: routeSchema({
        summary: "Make a snapshot of a function now; answers 202 at once, or 200 when it is there",
        tag,
        query: buildQuery,
        body: buildBody,
        status: 202,
        answer: buildSchema,
      }),
    },
    async (request, reply): Promise<z.infer<typeof buildSchema>> => {
      const { wait } = checked(buildQuery, request.query, "The query");
      const body = checked(buildBody, jsonBody(request.body), "The request");
      const { definition } = findFunction(store, body.function, undefined);
      const problem = snapshots.problem();
      if (problem !== undefined)
        throw new FrugalError("host-unsupported", `Functions cannot be snapshotted here: ${problem}`);
      if (definition.snapshot === "off") throw modeIsOff(definition);
      const building = snapshots.build(definition.name);
      if (wait === "false") {
        reply.code(202);
        return { function: definition.name, state: "building", message: plan(definition) };
      }
      const id = builtId(definition, await building);
      const snapshot = snapshots.list().find((one) => one.id === id);
      const message = `Function "${definition.name}" has the snapshot ${id}`;
      const view = snapshot === undefined ? {} : { snapshot: snapshotView(snapshot) };
      return { function: definition.name, state: "built", message, ...view };
    },
  );
}

function plan({ name, warmUp: { count, payloads } }: FunctionDefinition): string {
  const source = payloads === undefined ? "its first payloads" : "its warm-up payloads";
  const warmUp = count === 0 ? "no invocation" : `${count} invocations with ${source}`;
  return `An instance of "${name}" boots in the background, executes ${warmUp} and is snapshotted`;
}

/** The id of what was built; FrugalError snapshot-failed where nothing was. */
function builtId({ name }: FunctionDefinition, result: BuildResult): string {
  if (result.kind === "built") return result.id;
  const reason =
    result.kind === "failed"
      ? result.reason
      : "it was stopped because the function changed or its room was needed. Try again.";
  throw new FrugalError("snapshot-failed", `Function "${name}" was not snapshotted: ${reason}`, {
    details: { function: name, result: result.kind },
  });
}

const modeIsOff = ({ name }: FunctionDefinition): FrugalError =>
  new FrugalError(
    "snapshot-failed",
    `Function "${name}" has its snapshots turned off. Deploy it with snapshot: prefetch, or eager.`,
    { details: { function: name } },
  );

const noSnapshot = (id: string): FrugalError =>
  new FrugalError("not-found", `No snapshot has the id ${id}. See which there are: frugal snapshot list`);
