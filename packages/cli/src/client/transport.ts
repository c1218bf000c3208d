/**
 * HTTP to the platform: requests with JSON answers and errors of the catalogue, and NDJSON streams.
 */
import { type ErrorCode, errorCatalogue, FrugalError, messageOf } from "@frugal/core";
import { type Dispatcher, Pool } from "undici";
import { z } from "zod";

export interface TransportOptions {
  readonly url: string;
  readonly apiKey: string | undefined;
  /** Connections at a time. */
  readonly connections?: number;
}

export interface Call {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** From the root, with its query. */
  readonly path: string;
  readonly body?: Uint8Array;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** What goes wrong before or while a connection is made; the same call may reach a platform that is started later. */
const connectionErrors: readonly string[] = [
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EPIPE",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_SOCKET",
];

export class Transport {
  readonly url: string;
  readonly #pool: Pool;
  readonly #prefix: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ url, apiKey, connections = 4 }: TransportOptions) {
    const { origin, pathname } = parseUrl(url);
    this.url = url;
    this.#prefix = pathname.replace(/\/$/, "");
    this.#headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    // A function may run for minutes before its answer begins, and a log may be silent for hours.
    this.#pool = new Pool(origin, {
      connections,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 5000 },
    });
  }

  /** The whole reply, whatever its status. Throws `unreachable`. */
  async send(call: Call): Promise<Reply> {
    const { statusCode, headers, body } = await this.#request(call);
    const bytes = await body.bytes().catch((error: unknown) => this.#unreachable(error));
    return { status: statusCode, headers, body: bytes };
  }

  /** The text of a successful reply. Throws what the platform answered otherwise. */
  async text(call: Call): Promise<string> {
    const reply = await this.send(call);
    if (reply.status >= 400) throw errorOfReply(reply);
    return Buffer.from(reply.body).toString("utf8");
  }

  /** The JSON document of a successful reply, undefined where it is empty. */
  async json(call: Call): Promise<unknown> {
    const text = await this.text(call);
    return text === "" ? undefined : parseJson(text, call.path);
  }

  /** The documents of an NDJSON stream, as they come. */
  async *lines(call: Call): AsyncGenerator<unknown, void> {
    const { statusCode, headers, body } = await this.#request(call);
    if (statusCode >= 400) throw errorOfReply({ status: statusCode, headers, body: await body.bytes() });
    let rest = "";
    body.setEncoding("utf8");
    for await (const chunk of body) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") yield parseJson(line, call.path);
    }
    if (rest.trim() !== "") yield parseJson(rest, call.path);
  }

  /** Ends open streams too. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #request(call: Call): Promise<Dispatcher.ResponseData> {
    try {
      return await this.#pool.request({
        method: call.method,
        path: this.#prefix + call.path,
        headers: {
          ...this.#headers,
          ...(call.body && { "content-type": call.contentType ?? "application/json" }),
        },
        body: call.body ?? null,
        signal: call.signal ?? null,
      });
    } catch (error) {
      return this.#unreachable(error);
    }
  }

  #unreachable(error: unknown): never {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!connectionErrors.includes(code)) throw error;
    const broke = code === "ECONNRESET" || code === "EPIPE" || code === "UND_ERR_SOCKET";
    const first = broke
      ? `The platform at ${this.url} ended the connection before it answered`
      : `No platform answers at ${this.url}`;
    const next = broke
      ? "See its own output for why, and start it again: frugal up"
      : "Start one: frugal up, or name another with --endpoint or FRUGAL_ENDPOINT";
    throw new FrugalError("unreachable", [first, `(${messageOf(error)})`, next].join("\n"), {
      cause: error,
      details: { url: this.url, cause: code },
    });
  }
}

const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
});

/** The error that the platform answered, as if it had been thrown here. */
function errorOfReply(reply: Reply): FrugalError {
  const text = Buffer.from(reply.body).toString("utf8");
  const parsed = errorSchema.safeParse(unwrapped(text));
  if (!parsed.success) {
    const shown = text.length > 500 ? `${text.slice(0, 500)}…` : text;
    return new FrugalError(
      "unreachable",
      `What answers is no Frugal platform (status ${reply.status}):\n${shown}`,
      {
        details: { status: reply.status },
      },
    );
  }
  const { code, message, details = {} } = parsed.data;
  return new FrugalError(isErrorCode(code) ? code : "internal", message, { details });
}

/** Both `{code, message}` and `{error: {code, message}}`. */
function unwrapped(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "error" in value ? value.error : value;
  } catch {
    return undefined;
  }
}

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCatalogue, code);

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === "http:" || parsed?.protocol === "https:") return parsed;
  throw new FrugalError(
    "invalid-request",
    `--endpoint: ${JSON.stringify(url)} is not a URL; write it as http://127.0.0.1:8787`,
    { details: { url } },
  );
}

export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FrugalError("internal", `The platform's answer to ${path} is not JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
