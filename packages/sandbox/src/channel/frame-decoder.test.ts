import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bodyLimit, frameHeaderLength, frameKind } from "./frame.ts";
import { FrameDecoder, type FrameFault } from "./frame-decoder.ts";

interface Frame {
  readonly kind: number;
  readonly invocation: number;
  readonly body: string;
}

function encoded(frame: Frame): Buffer {
  const body = Buffer.from(frame.body, "latin1");
  const header = Buffer.alloc(frameHeaderLength);
  header.writeUInt32LE(body.length, 0);
  header[4] = frame.kind;
  header.writeUInt32LE(frame.invocation, 5);
  return Buffer.concat([header, body]);
}

function decoded(chunks: readonly Buffer[]): { frames: Frame[]; faults: FrameFault[] } {
  const frames: Frame[] = [];
  const faults: FrameFault[] = [];
  const decoder = new FrameDecoder({
    frame: (kind, invocation, body) => frames.push({ kind, invocation, body: body.toString("latin1") }),
    fault: (fault) => faults.push(fault),
  });
  for (const chunk of chunks) decoder.push(chunk);
  return { frames, faults };
}

const frame = fc.record({
  kind: fc.constantFrom(frameKind.hello, frameKind.result, frameKind.stdout, frameKind.dropped),
  invocation: fc.integer({ min: 0, max: 0xffffffff }),
  body: fc.string({ unit: "binary-ascii", maxLength: 40 }),
});

/** `stream` cut at any places, also several times at the same one. */
const cut = (stream: Buffer): fc.Arbitrary<Buffer[]> =>
  fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 30 }).map((places) => {
    const sorted = [0, ...places.sort((a, b) => a - b), stream.length];
    return sorted.slice(1).map((end, i) => stream.subarray(sorted[i], end));
  });

describe("FrameDecoder", () => {
  it("gives the same frames however the stream is cut (D1)", () => {
    const streams = fc
      .array(frame, { maxLength: 12 })
      .chain((frames) => fc.tuple(fc.constant(frames), cut(Buffer.concat(frames.map(encoded)))));
    fc.assert(
      fc.property(streams, ([frames, chunks]) => {
        expect(decoded(chunks)).toEqual({ frames, faults: [] });
      }),
    );
  });

  it("stops at the first bad header, however the stream is cut (D2)", () => {
    const bad = fc.oneof(
      fc
        .constantFrom(0, frameKind.invoke, frameKind.load, frameKind.loading + 1, 255)
        .map((kind) => ({ kind, length: 1 })),
      fc
        .integer({ min: bodyLimit + 1, max: 0xffffffff })
        .map((length) => ({ kind: frameKind.result, length })),
    );
    const streams = fc.tuple(fc.array(frame, { maxLength: 4 }), bad).chain(([frames, { kind, length }]) => {
      const broken = encoded({ kind, invocation: 1, body: "" });
      broken.writeUInt32LE(length, 0);
      const good = encoded({ kind: frameKind.ready, invocation: 0, body: "" });
      return fc.tuple(fc.constant(frames), cut(Buffer.concat([...frames.map(encoded), broken, good])));
    });
    fc.assert(
      fc.property(streams, ([frames, chunks]) => {
        const result = decoded(chunks);
        expect(result.frames).toEqual(frames);
        expect(result.faults).toHaveLength(1);
      }),
    );
  });
});
