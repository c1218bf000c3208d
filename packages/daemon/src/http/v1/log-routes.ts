/**
 * Logs through /v1: newline-delimited JSON, of the past and as it happens.
 */
import type { ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";
import { type LogRecord, textOf } from "../../logs/log-record.ts";
import { checked } from "../../registry/checked.ts";
import { findFunction } from "../lambda/find-function.ts";
import type { ServerParts } from "../server-parts.ts";
import { routeSchema } from "./route-schema.ts";
import { logRecordSchema, logsQuery, nameParameter } from "./v1-schemas.ts";

const mediaType = "application/x-ndjson";
/** What a follower may leave unread before records are left out for it. */
const unreadLimit = 8 * 1024 ** 2;

/** The result ends all followers, so that the server can close. */
export function addLogRoutes(app: FastifyInstance, { store, logs }: ServerParts): () => void {
  const followers = new Set<ServerResponse>();

  app.get<{ Params: { name: string } }>(
    "/v1/functions/:name/logs",
    {
      schema: routeSchema({
        summary: "A function's log, oldest record first",
        tag: "functions",
        params: nameParameter,
        query: logsQuery,
        answer: logRecordSchema,
        mediaType,
      }),
    },
    async (request, reply) => {
      const { follow, lines } = checked(logsQuery, request.query, "The query");
      const { name } = findFunction(store, request.params.name, undefined).definition;
      if (follow === "false") {
        const records = await logs.read(name, lines);
        return reply.type(mediaType).send(records.map(lineOf).join(""));
      }
      reply.hijack();
      const response = reply.raw;
      response.writeHead(200, { "Content-Type": mediaType, "Cache-Control": "no-store" });
      response.flushHeaders();
      followers.add(response);
      const end = await logs.follow(name, lines, followerOf(response));
      const forget = (): void => {
        followers.delete(response);
        end();
      };
      if (response.destroyed) forget();
      else response.on("close", forget);
      return reply;
    },
  );

  return () => {
    for (const response of followers) response.end();
  };
}

const lineOf = (record: LogRecord): string => `${JSON.stringify({ ...record, text: textOf(record) })}\n`;

/** Writes records, and leaves them out for a client that does not read, saying how many when it reads again. */
function followerOf(response: ServerResponse): (record: LogRecord) => void {
  let skipped = 0;
  return (record) => {
    if (response.destroyed || response.writableEnded) return;
    if (response.writableLength > unreadLimit) {
      skipped++;
      return;
    }
    if (skipped > 0) {
      const { time, function: name } = record;
      const text = `${skipped} records were left out: they came faster than they were read`;
      response.write(lineOf({ time, function: name, stream: "platform", text }));
      skipped = 0;
    }
    response.write(lineOf(record));
  };
}
