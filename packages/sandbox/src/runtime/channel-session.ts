/**
 * The conversation with a runtime that speaks frames over the unit's channel.
 */
import { randomBytes } from "node:crypto";
import { type ErrorReport, inMilliseconds, type Seconds } from "@frugal/core";
import { frameKind, resultLimit } from "../channel/frame.ts";
import { FrameDecoder, type FrameFault } from "../channel/frame-decoder.ts";
import { FrameWriter } from "../channel/frame-writer.ts";
import {
  decodeAge,
  decodeOutcome,
  encodeControl,
  encodeInvoke,
  parseFunctionError,
  parseLoadingReport,
} from "../channel/messages.ts";
import { monotonicNow } from "../host/monotonic-clock.ts";
import type { InvokeRequest } from "../sandbox.ts";
import type { Unit } from "../unit/unit.ts";
import type { LoadRequest, RuntimeListener, RuntimeSession } from "./language-runtime.ts";

/** A clone's share of entropy: enough for the whole state of any generator, should its kernel be a clone as well. */
const ENTROPY_BYTES = 64;

export class ChannelSession implements RuntimeSession {
  readonly #channel: Unit["channel"];
  readonly #writer: FrameWriter;
  readonly #ended: Promise<void>;
  #listener: RuntimeListener | undefined;

  constructor(channel: Unit["channel"], listener: RuntimeListener) {
    this.#channel = channel;
    this.#listener = listener;
    this.#writer = new FrameWriter(channel);
    const decoder = new FrameDecoder({
      frame: (kind, invocation, body) => this.#frame(kind, invocation, body),
      fault: (fault) => this.#listener?.broken(describeFault(fault)),
    });
    this.#ended = new Promise((resolve) => channel.once("close", resolve));
    channel.on("data", (chunk: Buffer) => decoder.push(chunk));
    // A reset connection is an end like any other: the exit says why.
    channel.on("error", () => undefined);
    channel.once("close", () => this.#listener?.hungUp());
  }

  invoke(invocation: number, request: InvokeRequest, timeout: Seconds): void {
    const timeoutMs = Math.min(Math.ceil(inMilliseconds(timeout)), 0xffff_ffff);
    for (const chunk of encodeInvoke(invocation, request, timeoutMs)) this.#writer.write(chunk);
  }

  quiesce(): void {
    this.#writer.write(encodeControl(frameKind.quiesce));
  }

  resume(environment: Readonly<Record<string, string>>): void {
    const entropy = randomBytes(ENTROPY_BYTES).toString("base64");
    this.#writer.write(encodeControl(frameKind.resume, { environment, entropy }));
  }

  load(request: LoadRequest): void {
    this.#writer.write(encodeControl(frameKind.load, request));
  }

  drained(): Promise<void> {
    return this.#ended;
  }

  close(): void {
    this.#listener = undefined;
    this.#channel.destroy();
  }

  #frame(kind: number, invocation: number, body: Buffer): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    switch (kind) {
      case frameKind.result:
      case frameKind.failed:
        return this.#outcome(listener, kind, invocation, body);
      case frameKind.stdout:
        return listener.wrote(invocation, "stdout", body);
      case frameKind.stderr:
        return listener.wrote(invocation, "stderr", body);
      case frameKind.dropped:
        return listener.dropped(invocation, body.length === 8 ? body.readDoubleLE(0) : 0);
      case frameKind.hello:
        return listener.started(decodeAge(body, monotonicNow()));
      case frameKind.ready:
        return listener.ready(decodeAge(body, monotonicNow()));
      case frameKind.uncaught:
        return listener.uncaught(invocation, parseFunctionError(body));
      case frameKind.initFailed:
        return listener.initFailed(parseFunctionError(body));
      default:
        return templateFrame(listener, kind, body);
    }
  }

  #outcome(listener: RuntimeListener, kind: number, invocation: number, body: Buffer): void {
    const outcome = decodeOutcome(body);
    if (outcome === undefined) {
      listener.broken({
        code: "function-crashed",
        message:
          "The runtime sent an outcome that is cut short\n  The function must not write to descriptor 3.",
      });
    } else if (kind === frameKind.result) {
      listener.succeeded(invocation, outcome.rest, outcome.usage);
    } else {
      listener.failed(invocation, parseFunctionError(outcome.rest), outcome.usage);
    }
  }
}

/** What only templates and their clones send. */
function templateFrame(listener: RuntimeListener, kind: number, body: Buffer): void {
  switch (kind) {
    case frameKind.quiesced:
      return listener.quiesced(decodeAge(body, monotonicNow()));
    case frameKind.resumed:
      return listener.resumed(decodeAge(body, monotonicNow()));
    case frameKind.hookFailed:
      return listener.hookFailed(parseFunctionError(body));
    case frameKind.loaded:
      return listener.loaded(decodeAge(body, monotonicNow()));
    case frameKind.loading:
      return listener.loading(parseLoadingReport(body));
  }
}

function describeFault(fault: FrameFault): ErrorReport {
  const advice = "The function must not write to descriptor 3: it belongs to the platform.";
  if (fault.kind === "over-long") {
    return {
      code: "result-too-large",
      message: `The runtime announced a message of ${fault.length} bytes; a result has at most ${resultLimit}\n  ${advice}`,
      details: { length: fault.length, limit: resultLimit },
    };
  }
  return {
    code: "function-crashed",
    message: `The runtime sent a message of the unknown kind ${fault.value}\n  ${advice}`,
    details: { kind: fault.value },
  };
}
