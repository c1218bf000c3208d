/**
 * Frames out of the chunks that a runtime's channel delivers.
 *
 * A frame that lies within one chunk is handed on as a view of it; one that spans chunks is gathered in a buffer of its
 * own size, so every byte is copied at most once.
 *
 * Invariants (cited by the tests):
 *   D1  however the stream is cut into chunks, the same frames come out, in order
 *   D2  an over-long or unknown frame is reported once, as soon as its header is there; nothing after it is decoded, and
 *       no memory is set aside for it
 */
import { bodyLimit, firstRuntimeKind, frameHeaderLength, lastRuntimeKind } from "./frame.ts";

/** A stream that is no channel of ours. */
export type FrameFault =
  | { readonly kind: "over-long"; readonly length: number; readonly limit: number }
  | { readonly kind: "unknown-kind"; readonly value: number };

export interface FrameSink {
  /** `body` is valid for good, but may be a view of a larger chunk. */
  frame(kind: number, invocation: number, body: Buffer): void;
  fault(fault: FrameFault): void;
}

export class FrameDecoder {
  readonly #sink: FrameSink;
  readonly #header = Buffer.alloc(frameHeaderLength);
  #headerLength = 0;
  #body: Buffer | undefined;
  #bodyLength = 0;
  #faulty = false;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.#faulty) {
      at = this.#headerLength === 0 ? this.#whole(chunk, at) : this.#resumed(chunk, at);
    }
  }

  /** Decodes from a frame's start at `at`; says where the next one starts. */
  #whole(chunk: Buffer, at: number): number {
    const start = at + frameHeaderLength;
    if (start > chunk.length) return this.#gather(chunk, at, chunk.length);
    const length = chunk.readUInt32LE(at);
    if (!this.#accepts(length, chunk[at + 4] ?? 0)) return chunk.length;
    const end = start + length;
    if (end > chunk.length) return this.#gather(chunk, at, chunk.length);
    this.#sink.frame(chunk[at + 4] ?? 0, chunk.readUInt32LE(at + 5), chunk.subarray(start, end));
    return end;
  }

  /** Goes on with a frame whose start came in an earlier chunk. */
  #resumed(chunk: Buffer, at: number): number {
    if (this.#body === undefined) {
      const headerEnd = Math.min(chunk.length, at + frameHeaderLength - this.#headerLength);
      return this.#gather(chunk, at, headerEnd);
    }
    return this.#gather(chunk, at, Math.min(chunk.length, at + this.#body.length - this.#bodyLength));
  }

  /** Stores the bytes from `at` to `end` of an incomplete frame, and hands it on once it is complete. */
  #gather(chunk: Buffer, at: number, end: number): number {
    const bodyStart = Math.min(end, at + frameHeaderLength - this.#headerLength);
    if (bodyStart > at) this.#headerLength += chunk.copy(this.#header, this.#headerLength, at, bodyStart);
    if (this.#headerLength < frameHeaderLength) return end;

    const length = this.#header.readUInt32LE(0);
    if (this.#body === undefined) {
      if (!this.#accepts(length, this.#header[4] ?? 0)) return chunk.length;
      this.#body = Buffer.allocUnsafeSlow(length);
    }
    this.#bodyLength += chunk.copy(this.#body, this.#bodyLength, bodyStart, end);
    if (this.#bodyLength === length) {
      const body = this.#body;
      this.#headerLength = 0;
      this.#bodyLength = 0;
      this.#body = undefined;
      this.#sink.frame(this.#header[4] ?? 0, this.#header.readUInt32LE(5), body);
    }
    return end;
  }

  #accepts(length: number, kind: number): boolean {
    if (kind < firstRuntimeKind || kind > lastRuntimeKind) {
      this.#fail({ kind: "unknown-kind", value: kind });
    } else if (length > bodyLimit) {
      this.#fail({ kind: "over-long", length, limit: bodyLimit });
    }
    return !this.#faulty;
  }

  #fail(fault: FrameFault): void {
    this.#faulty = true;
    this.#body = undefined;
    this.#sink.fault(fault);
  }
}
