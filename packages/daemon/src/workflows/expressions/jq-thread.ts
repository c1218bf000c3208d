/**
 * jq behind a synchronous call, in a thread of its own: the caller sleeps until the answer is there or the time is over. A
 * thread that is too late or broken is ended, and another one starts. One that is swollen goes on until its successor is ready.
 */
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { type Bytes, inMilliseconds, mebibytes, type Seconds, seconds } from "@frugal/core";
import type { JqReply, JqRequest, JqThreadData } from "./jq-protocol.ts";

export interface JqLimits {
  /** For one program. */
  readonly time: Seconds;
  readonly memory: Bytes;
}

export type JqOutcome =
  | { readonly kind: "output"; readonly text: string }
  | { readonly kind: "complaint"; readonly text: string }
  /** Ended from outside; `isLate`: because of its time. */
  | { readonly kind: "stopped"; readonly reason: string; readonly isLate?: boolean };

/** Starting a thread and compiling jq takes 0.1 s; a machine under load takes many times that. */
const START_LIMIT = seconds(20);
/** Memory is never given back: a thread that holds more than this gets a successor; one with half of what it may, at once. */
const SWOLLEN = mebibytes(64);

export class JqThread {
  readonly #limits: JqLimits;
  #running: Running | undefined;
  /** Takes over when it is ready. */
  #successor: Running | undefined;

  /** The thread starts with the first program: most platforms run none. */
  constructor(limits: JqLimits) {
    this.#limits = limits;
  }

  /** Starts the thread now. */
  warm(): void {
    this.#started();
  }

  /** Sleeps until jq has evaluated `request` or ran over its limits. */
  evaluate(request: JqRequest): JqOutcome {
    const running = this.#started();
    const problem = running.problemOfStart(START_LIMIT);
    if (problem !== undefined) {
      this.close();
      return { kind: "stopped", reason: `jq does not start on this host: ${problem}` };
    }
    const reply = running.ask(request, this.#limits.time);
    if (reply === undefined) {
      this.#replace();
      return { kind: "stopped", reason: `it took longer than ${this.#limits.time} s`, isLate: true };
    }
    if (reply.kind === "broken" || reply.memory > this.#limits.memory / 2) this.#replace();
    else if (reply.memory > SWOLLEN) this.#successor ??= new Running(this.#limits.memory);
    if (reply.kind !== "broken") return reply;
    return { kind: "stopped", reason: `jq ran out of memory or stack (${reply.reason})` };
  }

  close(): void {
    this.#running?.end();
    this.#successor?.end();
    this.#running = this.#successor = undefined;
  }

  #started(): Running {
    if (this.#successor?.isReady === true) this.#succeed();
    return (this.#running ??= new Running(this.#limits.memory));
  }

  #replace(): void {
    this.#successor ??= new Running(this.#limits.memory);
    this.#succeed();
  }

  #succeed(): void {
    this.#running?.end();
    this.#running = this.#successor;
    this.#successor = undefined;
  }
}

/** One thread, from its start to its end. */
class Running {
  readonly #counter = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #channel = new MessageChannel();
  readonly #worker: Worker;
  #received = 0;

  constructor(memory: Bytes) {
    const data: JqThreadData = {
      port: this.#channel.port2,
      replies: this.#counter.buffer,
      memoryLimit: memory,
    };
    this.#worker = new Worker(new URL("./jq-worker.ts", import.meta.url), {
      workerData: data,
      transferList: [this.#channel.port2],
      env: {},
      name: "jq",
    });
    // Whoever asks it waits in vain and is told so.
    this.#worker.on("error", () => undefined);
    this.#worker.unref();
    this.#channel.port1.unref();
  }

  /** Whether nobody has to wait for its start. */
  get isReady(): boolean {
    return this.#received > 0 || Atomics.load(this.#counter, 0) > 0;
  }

  /** Waits until jq is loaded; says why it is not. */
  problemOfStart(within: Seconds): string | undefined {
    if (this.#received > 0) return undefined;
    const reply = this.#receive(within);
    if (reply === undefined) return `it took longer than ${within} s`;
    return reply.kind === "broken" ? reply.reason : undefined;
  }

  ask(request: JqRequest, within: Seconds): JqReply | undefined {
    this.#channel.port1.postMessage(request);
    return this.#receive(within);
  }

  end(): void {
    this.#channel.port1.close();
    void this.#worker.terminate();
  }

  #receive(within: Seconds): JqReply | undefined {
    if (Atomics.wait(this.#counter, 0, this.#received, inMilliseconds(within)) === "timed-out")
      return undefined;
    this.#received++;
    const received = receiveMessageOnPort(this.#channel.port1);
    return received === undefined ? undefined : (received.message as JqReply);
  }
}
