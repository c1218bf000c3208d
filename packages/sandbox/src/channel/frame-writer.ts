/**
 * Writes frames to a channel: all frames of one turn of the event loop leave in one system call.
 */
import type { Writable } from "node:stream";

export class FrameWriter {
  readonly #stream: Writable;
  #chunks: Buffer[] = [];

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Takes over `chunk`: it must not change any more. */
  write(chunk: Buffer): void {
    if (this.#chunks.push(chunk) === 1) process.nextTick(this.#flush);
  }

  readonly #flush = (): void => {
    const chunks = this.#chunks;
    this.#chunks = [];
    if (this.#stream.destroyed || this.#stream.writableEnded) return;
    const [first] = chunks;
    if (chunks.length === 1 && first !== undefined) {
      this.#stream.write(first);
      return;
    }
    this.#stream.cork();
    for (const chunk of chunks) this.#stream.write(chunk);
    this.#stream.uncork();
  };
}
