/**
 * Closed-loop HTTP load: `concurrency` connections, each sends its next request when the last is answered.
 *
 * A client of our own on bare sockets, because the peers share two cores with it: what the client burns, every peer loses.
 * It understands what the peers answer (status, Content-Length or chunked) and checks every body.
 */
import { connect, type Socket } from "node:net";
import { Histogram } from "@frugal/core";

export interface LoadTarget {
  readonly url: string;
  readonly method: "POST";
  readonly body: string;
  /** The body that every answer must have. */
  readonly expected: string;
}

export interface LoadResult {
  readonly rps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly requests: number;
}

/** Runs for `seconds` after a warm-up of a fifth of it. Rejects at the first wrong answer. */
export async function closedLoop(
  target: LoadTarget,
  concurrency: number,
  seconds: number,
): Promise<LoadResult> {
  const request = requestOf(target);
  await round(target, request, { concurrency, seconds: seconds / 5 });
  return round(target, request, { concurrency, seconds });
}

interface Load {
  readonly concurrency: number;
  readonly seconds: number;
}

async function round(
  target: LoadTarget,
  request: Buffer,
  { concurrency, seconds }: Load,
): Promise<LoadResult> {
  const latency = new Histogram();
  const started = performance.now();
  const end = started + seconds * 1000;
  const connections = Array.from({ length: concurrency }, () => drive(target, request, { end, latency }));
  await Promise.all(connections);
  const elapsed = (performance.now() - started) / 1000;
  return {
    rps: latency.count / elapsed,
    p50Ms: (latency.quantile(0.5) ?? 0) * 1000,
    p99Ms: (latency.quantile(0.99) ?? 0) * 1000,
    requests: latency.count,
  };
}

interface Measure {
  readonly end: number;
  readonly latency: Histogram;
}

function drive(target: LoadTarget, request: Buffer, { end, latency }: Measure): Promise<void> {
  const { hostname, port } = new URL(target.url);
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true });
    let sent = 0;
    let received = "";
    const next = (): void => {
      sent = performance.now();
      socket.write(request);
    };
    socket.setEncoding("latin1");
    socket.once("connect", next);
    socket.once("error", reject);
    socket.once("close", () => {
      reject(new Error(`${target.url} closed a connection`));
    });
    socket.on("data", (text: string) => {
      received += text;
      const body = completeBody(received);
      if (body === undefined) return;
      if (!received.startsWith("HTTP/1.1 200") || body !== target.expected) {
        socket.destroy(new Error(`${target.url} answered wrongly: ${received.slice(0, 400)}`));
        return;
      }
      received = "";
      const now = performance.now();
      latency.record((now - sent) / 1000);
      if (now < end) next();
      else {
        resolve();
        socket.destroy();
      }
    });
  });
}

/** The body, once the answer is complete. */
function completeBody(received: string): string | undefined {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const head = received.slice(0, headEnd).toLowerCase();
  const body = received.slice(headEnd + 4);
  const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
  if (length !== undefined) return body.length >= Number(length) ? body : undefined;
  return body.endsWith("0\r\n\r\n") ? unchunked(body) : undefined;
}

function unchunked(body: string): string {
  let text = "";
  for (let at = 0; ;) {
    const lineEnd = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.slice(at, lineEnd), 16);
    if (!(size > 0)) return text;
    text += body.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 2 + size + 2;
  }
}

function requestOf({ url, method, body }: LoadTarget): Buffer {
  const { host, pathname } = new URL(url);
  const head = [
    `${method} ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}
