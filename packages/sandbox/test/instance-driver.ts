import { randomUUID } from "node:crypto";
import type { StartKind, StartPhases, StartWish } from "@frugal/core";
import { deferred } from "../src/unit/deferred.ts";
import type { InstanceSpec } from "../src/instance-spec.ts";
import type {
  Instance,
  InstanceEnd,
  InstanceListener,
  InvokeOutcome,
  InvokeRequest,
  Sandbox,
} from "../src/sandbox.ts";
import { instanceSpec } from "./instance-spec.ts";

export interface LogLine {
  readonly requestId: string | undefined;
  readonly stream: string;
  readonly text: string;
}

/** An instance with promises in place of its listener, and what it logged. */
export class InstanceDriver {
  readonly log: LogLine[] = [];
  /** Starts that failed before the one that it got, each with its reason. */
  readonly failedStarts: string[] = [];
  /** Known when it is ready. */
  kind: StartKind | undefined;
  readonly ready: Promise<StartPhases>;
  readonly ended: Promise<InstanceEnd>;
  readonly instance: Instance;
  #onLog = (): void => undefined;

  constructor(sandbox: Sandbox, changes: Partial<InstanceSpec>, wish?: StartWish) {
    const ready = deferred<StartPhases>();
    const ended = deferred<InstanceEnd>();
    this.ready = ready.promise;
    this.ended = ended.promise;
    const spec = instanceSpec({ id: `t-${randomUUID().slice(0, 8)}`, ...changes });
    const listener: InstanceListener = {
      ready: ({ kind, phases }) => {
        this.kind = kind;
        ready.resolve(phases);
      },
      fellBack: (from, _to, reason) => this.failedStarts.push(`${from}: ${reason}`),
      ended: (end) => {
        ready.reject(
          new Error(`ended before it was ready: ${JSON.stringify(end)} ${JSON.stringify(this.log)}`),
        );
        ended.resolve(end);
      },
      log: (requestId, stream, text) => {
        this.log.push({ requestId, stream, text });
        this.#onLog();
      },
    };
    this.instance = sandbox.start(spec, listener, wish);
    this.ready.catch(() => undefined);
  }

  /** Invokes with a JSON value, or with bytes as they are. */
  async invoke(event: unknown, request: Partial<InvokeRequest> = {}): Promise<InvokeOutcome> {
    await this.ready;
    const payload = Buffer.isBuffer(event) ? event : Buffer.from(JSON.stringify(event));
    return await new Promise((resolve) => {
      this.instance.invoke(
        {
          requestId: randomUUID(),
          payload,
          functionArn: "arn:aws:lambda:local:0:function:greet",
          ...request,
        },
        resolve,
      );
    });
  }

  /** The value that a successful invocation returned; fails where it was none. */
  async call(event: unknown, request: Partial<InvokeRequest> = {}): Promise<unknown> {
    const outcome = await this.invoke(event, request);
    if (outcome.kind !== "success") throw new Error(`not successful: ${JSON.stringify(outcome)}`);
    return JSON.parse(Buffer.from(outcome.payload).toString());
  }

  /** Resolves when `text` was logged. */
  logged(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#onLog = () => {
        if (this.log.some((line) => line.text.includes(text))) resolve();
      };
      this.#onLog();
    });
  }

  /** What was logged for `requestId`. */
  textOf(requestId: string | undefined): string {
    return this.log.flatMap((line) => (line.requestId === requestId ? [line.text] : [])).join("");
  }
}
