/**
 * A platform's /v1 API without a platform: it keeps functions in memory and answers invocations as the test says.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { FrugalError } from "@frugal/core";
import type { FakeReply } from "./fake-reply.ts";
import { FakeSnapshotApi } from "./fake-snapshot-api.ts";
import { FakeWorkflowApi } from "./fake-workflow-api.ts";

interface Deployed {
  readonly function: Readonly<Record<string, unknown>> & { readonly name: string; readonly revision: number };
  readonly statistics: unknown;
  readonly zip: Buffer;
}

interface SeenRequest {
  readonly line: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface FakeDaemonOptions {
  readonly apiKey?: string;
  /** What an invocation answers, beyond its id and function; the text is sent as it is. */
  readonly answer?: (name: string, payload: string) => string;
  /** States that a queued invocation goes through, one at each question. */
  readonly states?: readonly string[];
}

export interface FakeDaemon {
  readonly url: string;
  readonly functions: Map<string, Deployed>;
  readonly requests: SeenRequest[];
  close(): Promise<void>;
}

const REQUEST_ID = "0a5a2b5e-6b43-4d7c-9f0e-8c3a1f0b9d11";
const energy = {
  kind: "energy",
  joules: 0.0421,
  source: "model",
  quality: "estimated",
  intervalSeconds: 60,
  detail: "a reference server",
};
const statistics = {
  instances: { starting: 0, idle: 1, busy: 2 },
  waiting: 3,
  invocations: 40,
  errors: 1,
  refused: 0,
  coldStarts: 2,
  cpuSeconds: 0.5,
  energy,
};

export async function fakeDaemon(options: FakeDaemonOptions = {}): Promise<FakeDaemon> {
  const functions = new Map<string, Deployed>();
  const requests: SeenRequest[] = [];
  const api = new FakeApi(functions, options);
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      requests.push({
        line: `${request.method ?? ""} ${request.url ?? ""}`,
        authorization: request.headers.authorization,
        body: body.toString("utf8"),
      });
      respond(response, () => {
        if (options.apiKey !== undefined && request.headers.authorization !== `Bearer ${options.apiKey}`) {
          throw new FrugalError("unauthorized", "The API key is missing or wrong");
        }
        return api.handle(request, body);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    functions,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

function respond(response: ServerResponse, handle: () => FakeReply): void {
  try {
    const { status = 200, body } = handle();
    response
      .writeHead(status)
      .end(typeof body === "string" || body === undefined ? body : JSON.stringify(body));
  } catch (error) {
    const failure = error instanceof FrugalError ? error : new FrugalError("internal", String(error));
    response.writeHead(failure.status).end(JSON.stringify(failure.toReport()));
  }
}

class FakeApi {
  readonly #functions: Map<string, Deployed>;
  readonly #options: FakeDaemonOptions;
  readonly #snapshots = new FakeSnapshotApi();
  readonly #workflows = new FakeWorkflowApi();
  #asked = 0;

  constructor(functions: Map<string, Deployed>, options: FakeDaemonOptions) {
    this.#functions = functions;
    this.#options = options;
  }

  handle(request: IncomingMessage, body: Buffer): FakeReply {
    const url = new URL(request.url ?? "", "http://fake");
    const [, , kind = "", name = "", part = ""] = url.pathname.split("/").map(decodeURIComponent);
    switch (kind) {
      case "energy":
        return {
          body: {
            total: energy,
            idle: { joules: 30, staticJoules: 20, otherProcessesJoules: 10 },
            functionsJoules: 12,
            functions: [],
          },
        };
      case "statistics":
        return {
          body: {
            functions: [...this.#functions.keys()].map((one) => ({ name: one, ...statistics })),
            asyncQueue: { queued: 5, running: 1 },
            droppedLogRecords: 0,
          },
        };
      case "invocations":
        return { body: this.#queued() };
      case "snapshots":
        return this.#snapshots.handle({ method: request.method ?? "", url, id: name, body });
      case "workflows":
      case "runs":
        return this.#workflows.handle({ method: request.method ?? "", url, body });
      case "functions":
        return this.#functionRequest({ method: request.method ?? "", url, name, part, body });
      default:
        throw new FrugalError("not-found", `No such path: ${url.pathname}`);
    }
  }

  #functionRequest({ method, url, name, part, body }: FunctionRequest): FakeReply {
    if (name === "") return { body: { functions: [...this.#functions.values()].map(shown) } };
    if (method === "PUT") return this.#put(name, body);
    const deployed = this.#functions.get(name);
    if (deployed === undefined)
      throw new FrugalError("function-not-found", `No function is called "${name}"`);
    if (method === "DELETE") {
      this.#functions.delete(name);
      return { status: 204 };
    }
    if (part === "logs") return { body: logLines(name) };
    if (part === "") return { body: shown(deployed) };
    if (url.searchParams.get("mode") === "async") {
      return { status: 202, body: { requestId: REQUEST_ID, function: name, state: "queued" } };
    }
    const rest = (this.#options.answer ?? ((_, payload) => `"state":"succeeded","result":${payload}`))(
      name,
      body.toString("utf8"),
    );
    const log = url.searchParams.get("log") === "tail" ? `"log":"START\\nhello\\nEND\\n",` : "";
    return { body: `{"requestId":"${REQUEST_ID}","function":"${name}",${log}${rest}}` };
  }

  #put(name: string, body: Buffer): FakeReply {
    const { code, ...settings } = JSON.parse(body.toString("utf8")) as Record<string, unknown> & {
      code: { zipBase64: string };
    };
    if (settings["handler"] === "refused.handler")
      throw new FrugalError("invalid-request", "handler: is refused");
    const zip = Buffer.from(code.zipBase64, "base64");
    const revision = (this.#functions.get(name)?.function.revision ?? 0) + 1;
    const defaults = { memoryMiB: 256, timeoutSeconds: 3, environment: {} };
    const facts = { name, revision, codeSizeBytes: zip.length, lastModified: "2026-01-02T03:04:05.000Z" };
    const deployed = { function: { ...defaults, ...settings, ...facts }, statistics, zip };
    this.#functions.set(name, deployed);
    return { status: revision === 1 ? 201 : 200, body: shown(deployed) };
  }

  #queued(): unknown {
    const states = this.#options.states ?? ["queued", "running", "succeeded"];
    const state = states[Math.min(this.#asked++, states.length - 1)];
    const ending = state === "succeeded" ? { attempts: 2, result: { done: true } } : {};
    const error = state === "failed" ? { error: { errorType: "Error", errorMessage: "gave up" } } : {};
    return { requestId: REQUEST_ID, function: "hello", state, ...error, ...ending };
  }
}

interface FunctionRequest {
  readonly method: string;
  readonly url: URL;
  readonly name: string;
  readonly part: string;
  readonly body: Buffer;
}

const shown = (deployed: Deployed): unknown => ({
  function: deployed.function,
  statistics: deployed.statistics,
});

const logLines = (name: string): string =>
  [
    {
      time: "2026-01-02T03:04:05.000Z",
      function: name,
      requestId: REQUEST_ID,
      stream: "stdout",
      text: "hello\n",
    },
    { time: "2026-01-02T03:04:06.000Z", function: name, stream: "stderr", text: "warning" },
    {
      time: "2026-01-02T03:04:07.000Z",
      function: name,
      requestId: REQUEST_ID,
      stream: "platform",
      text: "END",
    },
  ]
    .map((record) => `${JSON.stringify(record)}\n`)
    .join("");
