/**
 * What the OpenAPI document says about a route, made from the schemas that check it.
 */
import type { FastifySchema } from "fastify";
import { z } from "zod";
import { errorSchema } from "./v1-schemas.ts";

export interface RouteDescription {
  readonly summary: string;
  readonly tag: "functions" | "invocations" | "workflows" | "runs" | "snapshots" | "platform";
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly headers?: z.ZodType;
  readonly body?: z.ZodType;
  /** The answer's status, shape and media type; JSON with 200 unless it says otherwise. */
  readonly answer?: z.ZodType;
  readonly status?: number;
  readonly mediaType?: string;
}

const jsonSchema = (schema: z.ZodType, io: "input" | "output"): object => {
  // Defaults and checks that JSON Schema cannot express stay out of it; the server checks them all the same.
  const document = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  // OpenAPI 3.1 has this dialect by default, and fastify takes the name for a reference.
  return { ...document, $schema: undefined };
};

export function routeSchema(description: RouteDescription): FastifySchema & Record<string, unknown> {
  const {
    summary,
    tag,
    params,
    query,
    headers,
    body,
    answer,
    status = 200,
    mediaType = "application/json",
  } = description;
  return {
    summary,
    tags: [tag],
    ...(params === undefined ? {} : { params: jsonSchema(params, "input") }),
    ...(query === undefined ? {} : { querystring: jsonSchema(query, "input") }),
    ...(headers === undefined ? {} : { headers: jsonSchema(headers, "input") }),
    ...(body === undefined
      ? {}
      : { body: { content: { "application/json": { schema: jsonSchema(body, "input") } } } }),
    response: {
      [status]:
        answer === undefined
          ? { type: "null", description: "Done" }
          : { description: "The answer", content: { [mediaType]: { schema: jsonSchema(answer, "output") } } },
      default: {
        description: "An error",
        content: { "application/json": { schema: jsonSchema(errorSchema, "output") } },
      },
    },
  };
}
