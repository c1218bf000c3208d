/**
 * The daemon's one TCP port: invocations directly on node:http, everything else through fastify on the same server.
 */
import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import swagger from "@fastify/swagger";
import { FrugalError, type FunctionName, messageOf, type Seconds, seconds } from "@frugal/core";
import { fastify, type FastifyInstance, type FastifyRequest } from "fastify";
import type { Verdict } from "../auth/authenticator.ts";
import { Connections } from "./connections.ts";
import { sendError, unknownRoute } from "./error-reply.ts";
import { InvokeEndpoint } from "./lambda/invoke-endpoint.ts";
import { addLambdaRoutes } from "./lambda/lambda-routes.ts";
import type { HttpServerParts, ServerParts } from "./server-parts.ts";
import { addFunctionRoutes } from "./v1/function-routes.ts";
import { addInvocationRoutes } from "./v1/invocation-routes.ts";
import { addLogRoutes } from "./v1/log-routes.ts";
import { addNodeRoutes } from "./v1/node/node-routes.ts";
import { addPlatformRoutes } from "./v1/platform-routes.ts";
import { addSnapshotRoutes } from "./v1/snapshot-routes.ts";
import { addEventRoutes } from "./v1/workflows/event-routes.ts";
import { addRunRoutes } from "./v1/workflows/run-routes.ts";
import { addWorkflowRoutes } from "./v1/workflows/workflow-routes.ts";

export interface HttpServer {
  /** Starts to listen; FrugalError where the address cannot be had. The result is the server's URL. */
  listen(): Promise<string>;
  /** From now on `/readyz` says that the platform is draining; everything else goes on. */
  drain(): void;
  /** Takes no new connections, lets running requests finish for up to `within` and ends followers. */
  close(within?: Seconds): Promise<void>;
}

/** Longer than clients keep idle connections, so that they rarely send into a closing one. */
const keepAliveMilliseconds = 65_000;
/** Whoever sends a request's head or body more slowly is cut off. The longest body is a code package of 50 MB. */
const headersMilliseconds = 20_000;
const requestMilliseconds = 300_000;
/** For requests that still run when the platform has ended: every invocation has its answer by then. */
const lastRequests = seconds(5);
const serverOptions = {
  keepAliveTimeout: keepAliveMilliseconds,
  headersTimeout: headersMilliseconds,
  requestTimeout: requestMilliseconds,
  connectionsCheckingInterval: 5000,
};
const managementBodyLimit = 1024 ** 2;

export async function createHttpServer(httpParts: HttpServerParts): Promise<HttpServer> {
  const { logs, metrics, config } = httpParts;
  const removed = async (name: FunctionName): Promise<void> => {
    metrics.forget(name);
    await logs.remove(name);
  };
  const parts: ServerParts = { ...httpParts, removed };
  const invocations = new InvokeEndpoint({ ...parts, asyncPayloadLimit: config.async.maxPayloadBytes });
  const app = fastify({
    serverFactory: (route) =>
      createServer(serverOptions, (request, response) => {
        if (!invocations.handle(request, response)) route(request, response);
      }),
    bodyLimit: managementBodyLimit,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
    genReqId: () => randomUUID(),
  });
  const connections = new Connections(app.server);
  await addDocumentation(app);
  addBodies(app);
  addAuthentication(app, parts);
  app.setErrorHandler((error, request, reply) => sendError(request, reply, error));
  app.setNotFoundHandler((request, reply) => sendError(request, reply, unknownRoute(request)));
  addLambdaRoutes(app, parts);
  addFunctionRoutes(app, parts);
  addInvocationRoutes(app, parts);
  addSnapshotRoutes(app, parts);
  addPlatformRoutes(app, parts);
  addNodeRoutes(app, parts);
  addWorkflowRoutes(app, parts);
  addRunRoutes(app, parts);
  addEventRoutes(app, parts);
  const endFollowers = addLogRoutes(app, parts);
  addHealth(app, parts, connections);
  await app.ready();
  const { server } = app;
  return {
    listen: () => listen(server, config),
    drain: () => {
      connections.drain();
    },
    close: async (within = lastRequests) => {
      endFollowers();
      await connections.close(within);
      await app.close();
    },
  };
}

async function addDocumentation(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    hideUntagged: true,
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Frugal",
        version: "1",
        description:
          "Functions, invocations and their energy. Invocations also through AWS Lambda's HTTP API.",
      },
      components: { securitySchemes: { apiKey: { type: "http", scheme: "bearer" } } },
      security: [{ apiKey: [] }],
    },
  });
  app.get("/v1/openapi.json", () => app.swagger());
}

/** Bodies stay bytes until a route reads them: signatures cover the bytes. Checking is zod's, so fastify's own is off. */
function addBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
}

const openPaths: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);
const nothing = new Uint8Array();

function addAuthentication(app: FastifyInstance, { authenticator }: ServerParts): void {
  const verdicts = new WeakMap<FastifyRequest, Verdict>();
  app.addHook("onRequest", (request, _reply, done) => {
    if (!openPaths.has(request.url))
      verdicts.set(
        request,
        authenticator.judge({ method: request.method, url: request.raw.url ?? "", headers: request.headers }),
      );
    done();
  });
  app.addHook("preValidation", (request, _reply, done) => {
    const verdict = verdicts.get(request);
    if (verdict?.kind === "depends-on-body")
      verdict.confirm(Buffer.isBuffer(request.body) ? request.body : nothing);
    done();
  });
}

function addHealth(app: FastifyInstance, { metrics }: ServerParts, connections: Connections): void {
  app.get("/healthz", () => ({ status: "ok" }));
  app.get("/readyz", (_request, reply) =>
    connections.isDraining ? reply.code(503).send({ status: "draining" }) : { status: "ready" },
  );
  app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
}

function listen(server: Server, { host, port }: HttpServerParts["config"]): Promise<string> {
  return new Promise((resolve, reject) => {
    // Also later: a connection that cannot be taken, such as for want of descriptors, must not end the platform.
    server.on("error", (cause) => reject(cannotListen(`${host}:${port}`, cause)));
    server.listen(port, host, () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : port;
      resolve(`http://${host.includes(":") ? `[${host}]` : host}:${bound}`);
    });
  });
}

const cannotListen = (place: string, cause: Error): FrugalError =>
  new FrugalError(
    "invalid-request",
    `Cannot listen on ${place}: ${messageOf(cause)}. Choose another address or port, or stop what uses this one.`,
    { cause },
  );
