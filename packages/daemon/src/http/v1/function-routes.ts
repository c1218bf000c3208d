/**
 * /v1/functions: deployed functions, their statistics and their logs.
 */
import { FrugalError, parseFunctionName } from "@frugal/core";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { FunctionStatistics } from "../../platform/platform.ts";
import { checked } from "../../registry/checked.ts";
import type { StoredFunction } from "../../registry/function-store.ts";
import { deploymentLimit, jsonBody } from "../json-body.ts";
import { findFunction } from "../lambda/find-function.ts";
import { fromBase64 } from "../lambda/lambda-schemas.ts";
import type { ServerParts } from "../server-parts.ts";
import { routeSchema } from "./route-schema.ts";
import { functionWithStatistics, nameParameter, putFunction } from "./v1-schemas.ts";
import { functionView, statisticsView } from "./v1-views.ts";

interface Named {
  Params: { name: string };
}

type View = z.infer<typeof functionWithStatistics>;

export function addFunctionRoutes(app: FastifyInstance, parts: ServerParts): void {
  const { store, platform } = parts;
  const view = (stored: StoredFunction, all: readonly FunctionStatistics[]): View => {
    const own = all.find(({ name }) => name === stored.definition.name);
    return { function: functionView(stored), statistics: own === undefined ? null : statisticsView(own) };
  };

  app.get(
    "/v1/functions",
    {
      schema: routeSchema({
        summary: "All functions with their statistics, by name",
        tag: "functions",
        answer: z.object({ functions: z.array(functionWithStatistics) }),
      }),
    },
    () => {
      const statistics = new Map(platform.statistics().functions.map((own) => [own.name, own]));
      return {
        functions: store.list().map((stored) => {
          const own = statistics.get(stored.definition.name);
          return view(stored, own === undefined ? [] : [own]);
        }),
      };
    },
  );

  app.get<Named>(
    "/v1/functions/:name",
    {
      schema: routeSchema({
        summary: "A function with its statistics",
        tag: "functions",
        params: nameParameter,
        answer: functionWithStatistics,
      }),
    },
    (request) => view(findFunction(store, request.params.name, undefined), platform.statistics().functions),
  );

  addWritingRoutes(app, parts, view);
}

function addWritingRoutes(
  app: FastifyInstance,
  { store, deployments, platform, removed }: ServerParts,
  view: (stored: StoredFunction, all: readonly FunctionStatistics[]) => View,
): void {
  app.put<Named>(
    "/v1/functions/:name",
    {
      bodyLimit: deploymentLimit,
      schema: routeSchema({
        summary: "Create a function, or replace all its settings; what is left out takes its default",
        tag: "functions",
        params: nameParameter,
        body: putFunction,
        answer: functionWithStatistics,
      }),
    },
    async (request, reply) => {
      const name = parseFunctionName(request.params.name);
      if (name === undefined)
        throw new FrugalError(
          "invalid-request",
          `${JSON.stringify(request.params.name)} cannot be a function's name: use 1 to 64 letters, digits, "-" or "_".`,
        );
      const isNew = store.find(name) === undefined;
      const { code, ...settings } = checked(putFunction, jsonBody(request.body), "The request");
      const zip = code === undefined ? undefined : fromBase64(code.zipBase64, "code.zipBase64");
      const stored = await deployments.replace(name, { settings, code: zip });
      return reply.code(isNew ? 201 : 200).send(view(stored, platform.statistics().functions));
    },
  );

  app.delete<Named>(
    "/v1/functions/:name",
    {
      schema: routeSchema({
        summary: "Delete a function and its log; running invocations finish",
        tag: "functions",
        params: nameParameter,
        status: 204,
      }),
    },
    async (request, reply) => {
      const { name } = findFunction(store, request.params.name, undefined).definition;
      await deployments.remove(name);
      await removed(name);
      return reply.code(204).send();
    },
  );
}
