/**
 * The thread in which jq runs, compiled to WebAssembly: a program without end, or one that eats memory, ends this thread and
 * not the platform. It knows no environment and prints nothing.
 */
import { createRequire } from "node:module";
import { workerData } from "node:worker_threads";
import type { JqAnswer, JqReply, JqRequest, JqThreadData } from "./jq-protocol.ts";

interface Jq {
  raw(document: string, program: string, flags: readonly string[]): string | undefined;
}

/** What is used of it here; Node's types leave WebAssembly to those of browsers. */
interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

const PAGE = 64 * 1024;

const { port, replies, memoryLimit } = workerData as JqThreadData;
const counter = new Int32Array(replies);

// jq's own messages (debug, stderr) would go to the platform's output, and its name for itself is a path of this host.
const silent = (): void => undefined;
Object.assign(console, { log: silent, warn: silent, error: silent });
process.argv[1] = "jq";

const memory = limitMemory();
const require = createRequire(import.meta.url);
try {
  const jq = (await require("jq-web")) as Jq;
  port.on("message", (request: JqRequest) => reply(answerOf(jq, request)));
  reply({ kind: "output", text: "" });
} catch (error) {
  reply({ kind: "broken", reason: messageOf(error) });
}

function reply(answer: JqAnswer): void {
  const message: JqReply = { ...answer, memory: memory.held };
  port.postMessage(message);
  Atomics.add(counter, 0, 1);
  Atomics.notify(counter, 0);
}

function answerOf(jq: Jq, { program, document }: JqRequest): JqAnswer {
  try {
    return { kind: "output", text: jq.raw(document, program, ["-c"]) ?? "" };
  } catch (error) {
    if (
      error instanceof Error &&
      "stderr" in error &&
      typeof error.stderr === "string" &&
      error.stderr !== ""
    )
      return { kind: "complaint", text: error.stderr };
    return { kind: "broken", reason: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** jq's memory grows by this one method; its build has no limit of its own below two gigabytes. */
function limitMemory(): { held: number } {
  const state = { held: 0 };
  const { prototype } = (
    globalThis as unknown as { readonly WebAssembly: { readonly Memory: { readonly prototype: Memory } } }
  ).WebAssembly.Memory;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its memory below
  const { grow } = prototype;
  prototype.grow = function (this: Memory, pages: number): number {
    const size = this.buffer.byteLength + pages * PAGE;
    if (size > memoryLimit) throw new RangeError("jq may hold no more memory");
    state.held = size;
    return grow.call(this, pages);
  };
  return state;
}
