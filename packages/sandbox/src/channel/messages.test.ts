import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seconds } from "@frugal/core";
import { frameHeaderLength, frameKind } from "./frame.ts";
import { FrameWriter } from "./frame-writer.ts";
import {
  decodeAge,
  decodeOutcome,
  encodeControl,
  encodeInvoke,
  parseFunctionError,
  parseLoadingReport,
} from "./messages.ts";

const ascii = fc.string({ unit: fc.constantFrom("a", "Z", "0", "9", "-", ":", "/", "=") });

describe("encodeInvoke()", () => {
  it("carries everything, with the payload untouched, at any size", () => {
    const payload = fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.constant(new Uint8Array(20_000).fill(7)));
    fc.assert(
      fc.property(ascii, ascii, payload, fc.nat(900_000), (traceId, functionArn, bytes, timeoutMs) => {
        const frame = Buffer.concat(
          encodeInvoke(5, { requestId: "id", functionArn, traceId, payload: bytes }, timeoutMs),
        );
        const metadataEnd = frameHeaderLength + 8 + frame.readUInt32LE(13);
        expect(frame.readUInt32LE(0)).toBe(frame.length - frameHeaderLength);
        expect(frame[4]).toBe(frameKind.invoke);
        expect(frame.readUInt32LE(5)).toBe(5);
        expect(frame.readUInt32LE(9)).toBe(timeoutMs);
        expect(frame.toString("latin1", frameHeaderLength + 8, metadataEnd).split("\0")).toEqual([
          "id",
          functionArn,
          traceId,
          "",
          "",
        ]);
        expect(frame.subarray(metadataEnd)).toEqual(Buffer.from(bytes));
      }),
    );
  });
});

describe("decodeOutcome()", () => {
  it("takes a time and a count only where they are such", () => {
    const body = (cpu: number, pageFaults: number) => {
      const bytes = Buffer.alloc(18, "x");
      bytes.writeDoubleLE(cpu, 0);
      bytes.writeDoubleLE(pageFaults, 8);
      return bytes;
    };
    expect(decodeOutcome(body(0.25, 3))).toEqual({
      usage: { cpu: 0.25, pageFaults: 3 },
      rest: Buffer.from("xx"),
    });
    for (const none of [NaN, -1, Infinity]) {
      expect(decodeOutcome(body(none, 0.5))?.usage).toEqual({ cpu: undefined, pageFaults: undefined });
      expect(decodeOutcome(body(0, none))?.usage).toEqual({ cpu: 0, pageFaults: undefined });
    }
    expect(decodeOutcome(Buffer.alloc(15))).toBeUndefined();
  });
});

describe("decodeAge()", () => {
  it("is zero where the body tells no moment", () => {
    const body = Buffer.alloc(8);
    body.writeDoubleLE(41.5);
    expect(decodeAge(body, seconds(42))).toBe(0.5);
    expect(
      [Buffer.alloc(0), Buffer.alloc(7), Buffer.alloc(9)].map((none) => decodeAge(none, seconds(42))),
    ).toEqual([0, 0, 0]);
  });
});

describe("parseFunctionError()", () => {
  it("makes an error of anything a runtime may send", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        const error = parseFunctionError(Buffer.from(text));
        expect(error.errorType).not.toBe("");
        expect(typeof error.errorMessage).toBe("string");
      }),
    );
    const error = { errorType: "TypeError", errorMessage: "no", stackTrace: ["at x"] };
    expect(parseFunctionError(Buffer.from(JSON.stringify(error)))).toEqual(error);
  });
});

describe("encodeControl()", () => {
  it("carries a document, or nothing", () => {
    const document = { environment: { NAME: "Wert ü" } };
    const frame = encodeControl(frameKind.load, document);
    expect([frame.readUInt32LE(0), frame[4], frame.readUInt32LE(5)]).toEqual([
      frame.length - frameHeaderLength,
      frameKind.load,
      0,
    ]);
    expect(JSON.parse(frame.toString("utf8", frameHeaderLength))).toEqual(document);
    expect(encodeControl(frameKind.quiesce)).toHaveLength(frameHeaderLength);
  });
});

describe("parseLoadingReport()", () => {
  it("keeps what is a report, whatever a runtime sends", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        const { files, environmentReads } = parseLoadingReport(Buffer.from(text));
        expect([Array.isArray(files), typeof environmentReads]).toEqual([true, "object"]);
      }),
    );
    const file = { module: "dep", path: "/var/task/dep.py", isDependency: true };
    const sent = {
      files: [file, { module: 1 }, null],
      environmentReads: { A: "1", B: null, C: 2 },
      absences: ["/var/task/x", 3],
    };
    expect(parseLoadingReport(Buffer.from(JSON.stringify(sent)))).toEqual({
      files: [file],
      environmentReads: { A: "1", B: null },
      absences: ["/var/task/x"],
    });
  });
});

describe("FrameWriter", () => {
  it("keeps order and writes nothing to a stream that has gone", async () => {
    const stream = new PassThrough();
    const writer = new FrameWriter(stream);
    for (const text of ["a", "b", "c"]) writer.write(Buffer.from(text));
    await Promise.resolve();
    writer.write(Buffer.from("d"));
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(String(stream.read())).toBe("abcd");
    writer.write(Buffer.from("e"));
    stream.destroy();
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(stream.read()).toBeNull();
  });
});
