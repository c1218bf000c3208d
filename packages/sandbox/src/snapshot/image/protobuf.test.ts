import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { embedded, varint } from "../../../test/fake-image.ts";
import { fieldsOf, integersOf } from "./protobuf.ts";

const number = fc.integer({ min: 1, max: 2 ** 20 });
const field = fc.oneof(
  fc.record({ kind: fc.constant("integer" as const), number, value: fc.maxSafeNat() }),
  fc.record({
    kind: fc.constant("bytes" as const),
    number,
    value: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  }),
);

const encoded = (fields: readonly (typeof field extends fc.Arbitrary<infer T> ? T : never)[]): Buffer =>
  Buffer.concat(
    fields.map((one) =>
      one.kind === "integer"
        ? Buffer.concat([varint(one.number * 8), varint(one.value)])
        : embedded(one.number, one.value),
    ),
  );

describe("fieldsOf()", () => {
  it("reads what was written, in order", () => {
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        expect([...fieldsOf(encoded(fields))]).toEqual(fields);
      }),
    );
  });

  it("refuses a message that was cut off inside a field", () => {
    fc.assert(
      fc.property(field, fc.nat(), (one, cut) => {
        const whole = encoded([one]);
        const part = whole.subarray(0, 1 + (cut % (whole.length - 1)));
        expect(() => [...fieldsOf(part)]).toThrow(RangeError);
      }),
    );
  });

  it("reads fixed words, and refuses what it does not know", () => {
    const words = Buffer.from([1 * 8 + 5, 1, 2, 3, 4, 2 * 8 + 1, 1, 2, 3, 4, 5, 6, 7, 8, 3 * 8, 9]);
    expect([...fieldsOf(words)].map(({ number: n, value }) => [n, value])).toEqual([
      [1, Buffer.from([1, 2, 3, 4])],
      [2, Buffer.from([1, 2, 3, 4, 5, 6, 7, 8])],
      [3, 9],
    ]);
    expect(() => [...fieldsOf(Buffer.from([1 * 8 + 3]))]).toThrow("wire type 3");
    expect(() => [...fieldsOf(Buffer.alloc(11, 0xff))]).toThrow("longer than 64 bits");
  });
});

describe("integersOf()", () => {
  it("has the last value of each field, also the 64-bit form of a negative one", () => {
    expect(integersOf(Buffer.concat([varint(8), varint(1), varint(8), varint(2)]))).toEqual(
      new Map([[1, 2]]),
    );
    const minusOne = Buffer.from([8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
    expect(integersOf(minusOne).get(1)).toBe(2 ** 64);
  });
});
