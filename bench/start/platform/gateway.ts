/**
 * One client of the platform's gateway: invokes a function with a wish for its start, and times it from the request's first
 * byte to the answer's last.
 */
import { Agent, request } from "node:http";
import { FrugalError } from "@frugal/core";
import { objectOf } from "../functions/answers.ts";
import type { StartKind } from "../start-plan.ts";

/** How the platform says that it started an instance. */
export interface StartReport {
  readonly isCold: boolean;
  readonly kind: string;
  /** By phase, in milliseconds; empty where the platform tells none. */
  readonly phases: Readonly<Record<string, number>>;
}

interface TimedInvocation {
  readonly ms: number;
  readonly output: unknown;
  readonly start: StartReport;
}

interface Reply {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly body: string;
  readonly ms: number;
}

/** Invocations that may be on their way at a time. */
const MOST_CONNECTIONS = 64;

export class Gateway {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });

  constructor(url: string) {
    this.#url = url;
  }

  /** Throws where the platform refuses or the function fails. */
  async invoke(name: string, payload: object, wish: StartKind | undefined): Promise<TimedInvocation> {
    const path = `/v1/functions/${name}/invocations`;
    const reply = await this.#post(path, JSON.stringify(payload), wish);
    const view = objectOf(JSON.parse(reply.body));
    if (reply.status !== 200 || view?.["state"] !== "succeeded") {
      throw new FrugalError("internal", `${name} was not executed: ${reply.body.slice(0, 2000)}`);
    }
    return { ms: reply.ms, output: view["result"], start: startReport(view, reply) };
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(path: string, body: string, wish: StartKind | undefined): Promise<Reply> {
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      ...(wish === undefined ? {} : { "x-frugal-start": wish }),
    };
    return new Promise((resolve, reject) => {
      const sent = performance.now();
      const outgoing = request(this.#url + path, { method: "POST", agent: this.#agent, headers });
      outgoing.on("error", reject);
      outgoing.on("response", (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("error", reject);
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("end", () => {
          const ms = performance.now() - sent;
          const header = (name: string): string | undefined =>
            String(incoming.headers[name] ?? "") || undefined;
          resolve({
            status: incoming.statusCode ?? 0,
            header,
            body: Buffer.concat(chunks).toString("utf8"),
            ms,
          });
        });
      });
      outgoing.end(body);
    });
  }
}

/** The view of the invocation has the start and its phases; the kind comes as a header, and boots need not say theirs. */
function startReport(view: Readonly<Record<string, unknown>>, { header }: Reply): StartReport {
  const phases = Object.entries(objectOf(view["startPhases"]) ?? {}).flatMap(([name, value]) =>
    typeof value === "number" ? [[name.replace(/Seconds$/, ""), value * 1000] as const] : [],
  );
  const kind = header("x-frugal-start-kind") ?? "boot";
  return { isCold: view["start"] === "cold", kind, phases: Object.fromEntries(phases) };
}
