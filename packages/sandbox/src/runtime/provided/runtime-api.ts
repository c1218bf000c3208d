/**
 * The Lambda Runtime API (version 2018-06-01) for one instance: hands out invocations, takes their results.
 *
 * One invocation at a time. The instance is ready with its first request for an invocation; statuses, error types and
 * texts are AWS Lambda's, so that official runtime interface clients work.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { inMilliseconds, minus, type Seconds, seconds } from "@frugal/core";
import { resultLimit } from "../../channel/frame.ts";
import { parseFunctionError } from "../../channel/messages.ts";
import type { InstanceSpec } from "../../instance-spec.ts";
import type { FunctionError, InvocationUsage, InvokeRequest } from "../../sandbox.ts";
import type { Unit } from "../../unit/unit.ts";
import type { RuntimeListener, RuntimeSession, UnansweredRequest } from "../language-runtime.ts";
import { answer, type ApiProblem, apiProblem, readBody } from "./exchange.ts";

/** What is being executed, or waits for the runtime to ask for it. */
interface Task {
  readonly invocation: number;
  readonly request: InvokeRequest;
  /** Milliseconds since 1970, as runtimes expect it. */
  readonly deadlineMs: number;
  readonly cpu: Seconds | undefined;
  isTaken: boolean;
}

const PREFIX = "/2018-06-01/runtime/";

export class RuntimeApi implements RuntimeSession {
  readonly #unit: Unit;
  readonly #server: Server;
  readonly #sockets: Socket[] = [];
  #listener: RuntimeListener | undefined;
  #task: Task | undefined;
  #waiting: ServerResponse | undefined;
  #isReady = false;
  #drained: (() => void) | undefined;
  #isQuiescing = false;

  constructor(unit: Unit, _spec: InstanceSpec, listener: RuntimeListener) {
    this.#unit = unit;
    this.#listener = listener;
    this.#server = createServer(
      { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 },
      (request, response) => void this.#handle(request, response),
    );
    // Nothing is said on the channel, and a program may close what it does not know.
    unit.channel.on("error", () => undefined).resume();
    unit.listener.then(
      (server) => server.on("connection", (socket) => this.#accept(socket)),
      () => undefined,
    );
  }

  invoke(invocation: number, request: InvokeRequest, timeout: Seconds): void {
    this.#task = {
      invocation,
      request,
      deadlineMs: Date.now() + Math.round(inMilliseconds(timeout)),
      cpu: this.#unit.cpuTime(),
      isTaken: false,
    };
    this.#handOut();
  }

  get unanswered(): UnansweredRequest | undefined {
    const port = this.#waiting?.req.socket.remotePort;
    return this.#waiting === undefined || port === undefined
      ? undefined
      : { port, head: headOf(this.#waiting.req) };
  }

  /** It has no hooks: it is at rest when it waits for its next invocation. */
  quiesce(): void {
    this.#isQuiescing = true;
    queueMicrotask(() => this.#rest());
  }

  /**
   * Its variables and random numbers are its own affair: nothing in it understands a message. Its connections go on, and on
   * one of them waits the request that its template had sent.
   */
  resume(): void {
    this.#unit.connections.then(
      (sockets) => {
        for (const socket of sockets) this.#accept(socket);
        this.#listener?.resumed(seconds(0));
      },
      () => undefined,
    );
  }

  /** It has no start without its function. */
  load(): void {
    queueMicrotask(() => this.#listener?.hookFailed(noPhases));
  }

  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#drained = resolve;
      if (this.#sockets.length === 0) resolve();
    });
  }

  close(): void {
    this.#listener = undefined;
    this.#unit.channel.destroy();
    for (const socket of this.#sockets) socket.destroy();
    this.#unit.listener.then(
      (server) => server.close(),
      () => undefined,
    );
  }

  #accept(socket: Socket): void {
    if (this.#listener === undefined) {
      socket.destroy();
      return;
    }
    this.#sockets.push(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.once("close", () => {
      this.#sockets.splice(this.#sockets.indexOf(socket), 1);
      if (this.#sockets.length === 0) this.#drained?.();
    });
    this.#server.emit("connection", socket);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method ?? ""} ${(request.url ?? "").split("?")[0] ?? ""}`;
    const outcome = /^POST \/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(route);
    if (route === `GET ${PREFIX}invocation/next`) {
      this.#next(response);
      return;
    }
    try {
      const body = await readBody(request, resultLimit);
      if (outcome !== null) this.#outcome(request, response, { id: outcome[1], kind: outcome[2], body });
      else if (route === `POST ${PREFIX}init/error`) this.#initError(response, errorOf(request, body));
      else answer(response, apiProblem.unknownPath(route));
    } catch {
      // The client broke off; there is nobody to answer.
      response.destroy();
    }
  }

  #next(response: ServerResponse): void {
    if (this.#task?.isTaken === true || this.#waiting !== undefined) {
      answer(
        response,
        apiProblem.invalidTransition("asks for an invocation while it has one or waits for one"),
      );
      return;
    }
    this.#waiting = response;
    response.once("close", () => {
      if (this.#waiting === response) this.#waiting = undefined;
    });
    if (!this.#isReady) {
      this.#isReady = true;
      this.#listener?.ready(seconds(0));
    }
    this.#handOut();
    this.#rest();
  }

  #rest(): void {
    if (!this.#isQuiescing || this.#waiting === undefined) return;
    this.#isQuiescing = false;
    this.#listener?.quiesced(seconds(0));
  }

  #handOut(): void {
    const task = this.#task;
    const response = this.#waiting;
    if (task === undefined || task.isTaken || response === undefined) return;
    task.isTaken = true;
    this.#waiting = undefined;
    const { requestId, functionArn, traceId, clientContext, payload } = task.request;
    response.writeHead(200, {
      "Content-Type": "application/json",
      "Content-Length": payload.length,
      "Lambda-Runtime-Aws-Request-Id": requestId,
      "Lambda-Runtime-Deadline-Ms": task.deadlineMs,
      "Lambda-Runtime-Invoked-Function-Arn": functionArn,
      ...(traceId !== undefined && { "Lambda-Runtime-Trace-Id": traceId }),
      ...(clientContext !== undefined && { "Lambda-Runtime-Client-Context": decodeContext(clientContext) }),
    });
    response.end(payload);
  }

  #outcome(
    request: IncomingMessage,
    response: ServerResponse,
    { id, kind, body }: { id: string | undefined; kind: string | undefined; body: Buffer | undefined },
  ): void {
    const task = this.#task;
    if (task === undefined || !task.isTaken || task.request.requestId !== id) {
      answer(response, apiProblem.invalidRequestId);
      return;
    }
    this.#task = undefined;
    const usage = this.#usageSince(task.cpu);
    const streamed = streamedError(request);
    const failed = (error: FunctionError, problem: ApiProblem | undefined): void => {
      answer(response, problem);
      this.#listener?.failed(task.invocation, error, usage);
    };
    if (body === undefined) {
      failed(responseTooLarge, apiProblem.tooLarge);
    } else if (kind === "error") {
      failed(errorOf(request, body), undefined);
    } else if (streamed !== undefined) {
      failed(streamed, undefined);
    } else {
      answer(response, undefined);
      this.#listener?.succeeded(task.invocation, body, usage);
    }
  }

  #initError(response: ServerResponse, error: FunctionError): void {
    if (this.#isReady) {
      answer(
        response,
        apiProblem.invalidTransition("reports an error of its initialisation when that is over"),
      );
      return;
    }
    answer(response, undefined);
    // Only now, because the instance ends with it.
    response.once("close", () => this.#listener?.initFailed(error));
  }

  /** The cgroup's own count of page faults is up to two seconds old: too old for an invocation. */
  #usageSince(start: Seconds | undefined): InvocationUsage {
    const now = this.#unit.cpuTime();
    const cpu = start === undefined || now === undefined ? undefined : minus(now, start);
    return { cpu, pageFaults: undefined };
  }
}

/** What of a request for an invocation matters to its answer. */
function headOf({ method, url, httpVersion, headers }: IncomingMessage): string {
  const { host, connection } = headers;
  return [
    `${method ?? "GET"} ${url ?? "/"} HTTP/${httpVersion}`,
    ...(host === undefined ? [] : [`Host: ${host}`]),
    ...(connection === undefined ? [] : [`Connection: ${connection}`]),
    "\r\n",
  ].join("\r\n");
}

const noPhases: FunctionError = {
  errorType: "Runtime.NoPhases",
  errorMessage: 'The runtime "provided" is the function\'s own: it cannot be started without the function',
};

const responseTooLarge: FunctionError = {
  errorType: "Function.ResponseSizeTooLarge",
  errorMessage: `The result has more bytes than the limit of ${resultLimit}. Return less, or store it and return where it is.`,
};

/** The error of a body, with the type that the header gives where the body has none. */
function errorOf(request: IncomingMessage, body: Buffer | undefined): FunctionError {
  const error = parseFunctionError(body ?? Buffer.alloc(0));
  const header = request.headers["lambda-runtime-function-error-type"];
  return error.errorType === "Runtime.Unknown" && typeof header === "string"
    ? { ...error, errorType: header }
    : error;
}

/** A streamed response reports an error that came after its start in its trailers. */
function streamedError({ trailers }: IncomingMessage): FunctionError | undefined {
  const type = trailers["lambda-runtime-function-error-type"];
  if (type === undefined) return undefined;
  const body = trailers["lambda-runtime-function-error-body"] ?? "";
  const error = parseFunctionError(Buffer.from(body, "base64"));
  return error.errorType === "Runtime.Unknown" ? { ...error, errorType: type } : error;
}

/** A header holds no line breaks and nothing beyond Latin-1; JSON can say both with escapes. */
const decodeContext = (clientContext: string): string =>
  Buffer.from(clientContext, "base64")
    .toString("utf8")
    .replace(/[^\x20-\x7e]/g, (character) =>
      character.charCodeAt(0) < 0x20 ? " " : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
