import { bytes } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PayloadWork, workOf } from "./payload-work.ts";

const length = bytes(1000);
const sized = (text: string, size: string | undefined): PayloadWork =>
  workOf({ size, hyperparameters: [] }, length, () => text);
const varied = (document: unknown, ...hyperparameters: string[]): string =>
  workOf({ size: undefined, hyperparameters }, length, () => JSON.stringify(document)).variant;

describe("workOf()", () => {
  it.each([
    [{ nodes: 400 }, "nodes", 400],
    [{ image: { data: "abcd" } }, "image.data", 4],
    [{ widths: [64, 128, 256] }, "widths", 3],
    [{ user: { name: "Ada", admin: true } }, "user", 2],
    [{ items: [{ size: 7 }] }, "items.0.size", 7],
    [{ nodes: 0 }, "nodes", 0],
  ])("takes the size of %j from %s", (document, path, size) => {
    expect(sized(JSON.stringify(document), path)).toEqual({ size, variant: "" });
  });

  it.each([
    ["{}", "nodes"],
    ['{"nodes": null}', "nodes"],
    ['{"nodes": true}', "nodes"],
    ['{"nodes": -1}', "nodes"],
    ['{"nodes": 1e999}', "nodes"],
    ['{"nodes": 4}', "nodes.deeper"],
    ['{"nodes": 4}', "toString"],
    ['"text"', "length"],
    ["no JSON", "nodes"],
  ])("counts the bytes of %s, apart from those that have %s", (text, path) => {
    expect(sized(text, path)).toEqual({ size: 1000, variant: "size=bytes" });
  });

  it("counts bytes where nothing is declared", () => {
    expect(sized('{"nodes": 400}', undefined)).toEqual({ size: 1000, variant: "" });
  });

  it("reads payloads only where something is declared, and only small ones", () => {
    const read = (): string => {
      throw new Error("It was read");
    };
    expect(workOf(undefined, length, read)).toEqual({ size: 1000, variant: "" });
    const large = bytes(2 ** 20 + 1);
    expect(workOf({ size: "nodes", hyperparameters: ["density"] }, large, read)).toEqual({
      size: large,
      variant: "size=bytes",
    });
  });

  it("makes a variant of the hyperparameters that are there, in the declared order", () => {
    const document = { quality: 80, format: "jpeg", widths: [1, 2], fast: false, none: null };
    expect(varied(document, "format", "quality")).toBe('format="jpeg"&quality=80');
    expect(varied(document, "widths", "fast", "none", "gone")).toBe("widths=[1,2]&fast=false&none=null");
    expect(varied(document, "gone")).toBe("");
    // A text cannot pass for a number, nor for what says that bytes were counted.
    expect(varied({ quality: "80" }, "quality")).toBe('quality="80"');
    expect(varied({ size: "bytes" }, "size")).toBe('size="bytes"');
  });

  it("has a short variant and a size that can be used, whatever the payload is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom("a", "a.b", "0", "b.0"), (document, path) => {
        const paths = { size: path, hyperparameters: [path] };
        const { size, variant } = workOf(paths, length, () => JSON.stringify(document));
        expect(size).toBeGreaterThanOrEqual(0);
        expect(size).toBeLessThan(Infinity);
        expect(variant.length).toBeLessThan(64 + 20);
        expect(workOf(paths, length, () => JSON.stringify(document))).toEqual({ size, variant });
      }),
    );
  });
});
