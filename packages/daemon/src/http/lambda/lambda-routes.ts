/**
 * AWS Lambda's management API: create, read, list, update and delete functions with unmodified SDKs.
 *
 * Every function is Active as soon as it is created, and has one version, $LATEST.
 */
import { FrugalError, type FunctionName } from "@frugal/core";
import type { FastifyInstance } from "fastify";
import { checked } from "../../registry/checked.ts";
import type { Deployments } from "../../registry/deployments.ts";
import { parseFunctionReference } from "../../registry/function-arn.ts";
import type { FunctionStore, StoredFunction } from "../../registry/function-store.ts";
import { deploymentLimit, jsonBody } from "../json-body.ts";
import { findFunction } from "./find-function.ts";
import { lambdaConfiguration } from "./lambda-configuration.ts";
import {
  createFunction,
  fromBase64,
  givenSettings,
  listQuery,
  revisionOf,
  updateCode,
  updateConfiguration,
} from "./lambda-schemas.ts";

export interface ManagementParts {
  readonly store: FunctionStore;
  readonly deployments: Deployments;
  /** Called after a function was removed. */
  readonly removed: (name: FunctionName) => Promise<void>;
}

interface Named {
  Params: { name: string };
  Querystring: { Qualifier?: string };
}

const base = "/2015-03-31/functions";

export function addLambdaRoutes(app: FastifyInstance, parts: ManagementParts): void {
  addWritingRoutes(app, parts);
  addReadingRoutes(app, parts.store);
}

function addReadingRoutes(app: FastifyInstance, store: FunctionStore): void {
  const find = (params: Named["Params"], query: Named["Querystring"]): StoredFunction =>
    findFunction(store, params.name, query.Qualifier);

  app.get(base, (request) => {
    const { Marker, MaxItems } = checked(listQuery, request.query, "The query");
    const after = Marker === undefined ? "" : Buffer.from(Marker, "base64url").toString();
    const rest = store.list().filter(({ definition }) => definition.name > after);
    const page = rest.slice(0, MaxItems);
    const last = page.at(-1)?.definition.name;
    return {
      Functions: page.map(lambdaConfiguration),
      ...(rest.length > page.length && last !== undefined
        ? { NextMarker: Buffer.from(last).toString("base64url") }
        : {}),
    };
  });

  app.get<Named>(`${base}/:name`, (request) => ({
    Configuration: lambdaConfiguration(find(request.params, request.query)),
    Code: { RepositoryType: "Frugal" },
    Tags: {},
  }));

  app.get<Named>(`${base}/:name/configuration`, (request) =>
    lambdaConfiguration(find(request.params, request.query)),
  );
}

function addWritingRoutes(app: FastifyInstance, { store, deployments, removed }: ManagementParts): void {
  const nameOf = (request: { params: Named["Params"]; query: Named["Querystring"] }): FunctionName =>
    findFunction(store, request.params.name, request.query.Qualifier).definition.name;
  const withCode = { bodyLimit: deploymentLimit } as const;

  app.post(base, withCode, async (request, reply) => {
    const body = checked(createFunction, jsonBody(request.body), "The request");
    const reference = parseFunctionReference(body.FunctionName);
    if (reference === undefined)
      throw new FrugalError(
        "invalid-request",
        `FunctionName ${JSON.stringify(body.FunctionName)} cannot be used: 1 to 64 letters, digits, "-" or "_", or an ARN.`,
      );
    const stored = await deployments.create(reference.name, {
      settings: givenSettings(body),
      code: fromBase64(body.Code.ZipFile, "Code.ZipFile"),
      role: body.Role,
    });
    return reply.code(201).send(lambdaConfiguration(stored));
  });

  app.put<Named>(`${base}/:name/code`, withCode, async (request) => {
    const name = nameOf(request);
    const body = checked(updateCode, jsonBody(request.body), "The request");
    const change = {
      code: fromBase64(body.ZipFile, "ZipFile"),
      settings: { architectures: body.Architectures },
      revision: revisionOf(body.RevisionId),
    };
    const isDryRun = body.DryRun === true;
    return lambdaConfiguration(
      await (isDryRun ? deployments.preview(name, change) : deployments.update(name, change)),
    );
  });

  app.put<Named>(`${base}/:name/configuration`, async (request) => {
    const name = nameOf(request);
    const body = checked(updateConfiguration, jsonBody(request.body), "The request");
    const change = { settings: givenSettings(body), role: body.Role, revision: revisionOf(body.RevisionId) };
    return lambdaConfiguration(await deployments.update(name, change));
  });

  app.delete<Named>(`${base}/:name`, async (request, reply) => {
    const name = nameOf(request);
    await deployments.remove(name);
    await removed(name);
    return reply.code(204).send();
  });
}
