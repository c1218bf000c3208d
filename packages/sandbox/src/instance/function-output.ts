/**
 * What a function writes, on its way to the log: attributed to invocations, in whole lines, within limits.
 *
 * Output comes from the runtime, which says whose it is, and from the process's own standard streams (native code, child
 * processes, `provided` runtimes), where it belongs to the invocation that runs alone, or to none.
 */
import type { Unit } from "../unit/unit.ts";
import type { InstanceListener, LogStream } from "../sandbox.ts";
import { LineSplitter } from "./line-splitter.ts";
import { OutputLimit } from "./output-limit.ts";
import type { RunningInvocation, RunningInvocations } from "./running-invocations.ts";

/** How much of the end of standard error is kept for explaining a crash. */
const TAIL = 8192;

export class FunctionOutput {
  readonly #listener: Pick<InstanceListener, "log">;
  readonly #running: RunningInvocations;
  readonly #lines = { stdout: new LineSplitter(), stderr: new LineSplitter() };
  readonly #unit: Unit;
  readonly #closed: Promise<unknown>;
  #outside = new OutputLimit();
  #errorTail = "";

  constructor(unit: Unit, listener: Pick<InstanceListener, "log">, running: RunningInvocations) {
    this.#listener = listener;
    this.#running = running;
    this.#unit = unit;
    this.#closed = Promise.all([this.#attach("stdout"), this.#attach("stderr")]);
  }

  /** The end of what the process itself wrote to standard error. */
  get errorTail(): string {
    return this.#errorTail;
  }

  /** Output of `invocation`, or of none, as the runtime says. */
  wrote(invocation: RunningInvocation | undefined, stream: LogStream, bytes: Buffer): void {
    const taken = this.#limitOf(invocation).take(bytes.length);
    if (taken > 0) this.#log(invocation, stream, bytes.toString("utf8", 0, taken));
  }

  dropped(invocation: RunningInvocation | undefined, count: number): void {
    this.#limitOf(invocation).drop(count);
  }

  /** The time outside invocations, which has a limit of its own, is over. */
  beginInvocation(): void {
    this.#endOutside();
    this.#outside = new OutputLimit();
  }

  /** `invocation`, still running, is about to get its outcome. */
  endInvocation(invocation: RunningInvocation): void {
    if (this.#running.only === invocation) this.#flushLines();
    const summary = invocation.output.summary();
    if (summary !== undefined) this.#log(invocation, "stderr", summary);
  }

  /** Resolves when the process's streams have ended and all was logged. */
  async drained(): Promise<void> {
    await this.#closed;
  }

  /** Nothing is logged any more. */
  close(): void {
    this.#flushLines();
    this.#endOutside();
    this.#unit.stdout.destroy();
    this.#unit.stderr.destroy();
  }

  #attach(stream: LogStream): Promise<void> {
    const source = this.#unit[stream];
    source.on("error", () => undefined);
    source.on("data", (chunk: Buffer) => {
      if (stream === "stderr") this.#errorTail = (this.#errorTail + chunk.toString("latin1")).slice(-TAIL);
      const invocation = this.#running.only;
      const taken = this.#limitOf(invocation).take(chunk.length);
      if (taken === 0) return;
      const lines = this.#lines[stream].push(taken === chunk.length ? chunk : chunk.subarray(0, taken));
      if (lines !== "") this.#log(invocation, stream, lines);
    });
    return new Promise((resolve) => source.once("close", resolve));
  }

  #limitOf(invocation: RunningInvocation | undefined): OutputLimit {
    return invocation?.output ?? this.#outside;
  }

  #flushLines(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const rest = this.#lines[stream].flush();
      if (rest !== "") this.#log(this.#running.only, stream, rest);
    }
  }

  #endOutside(): void {
    const summary = this.#outside.summary();
    if (summary !== undefined) this.#log(undefined, "stderr", summary);
  }

  #log(invocation: RunningInvocation | undefined, stream: LogStream, text: string): void {
    this.#listener.log(invocation?.requestId, stream, text);
  }
}
