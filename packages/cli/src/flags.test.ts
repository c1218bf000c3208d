import { describe, expect, it } from "vitest";
import { amount, choice, list, required, text, toggle, unless, withDefault } from "./flags.ts";

describe("flags", () => {
  it("reads numbers in their range only", () => {
    const port = amount("PORT", "", { minimum: 0, maximum: 65_535, whole: true });
    expect(port.read("8080", "--port")).toBe(8080);
    expect(port.read(undefined, "--port")).toBeUndefined();
    for (const wrong of ["", " ", "x", "1.5", "-1", "65536", "NaN", "Infinity", "8080x"]) {
      expect(() => port.read(wrong, "--port")).toThrow(
        /^--port: ".*" is not a whole number from 0 to 65535$/,
      );
    }
  });

  it("suggests the choice that was meant", () => {
    const size = choice("SIZE", "how much", ["small", "large"]);
    expect(size.read("small", "--size")).toBe("small");
    expect(() => size.read("smal", "--size")).toThrow(
      '"smal" is not one of small, large (did you mean "small"?)',
    );
  });

  it("fills defaults in and insists on what is required", () => {
    expect(withDefault(text("HOST", ""), "::1").read(undefined, "--host")).toBe("::1");
    expect(withDefault(text("HOST", ""), "::1").read("x", "--host")).toBe("x");
    expect(() => required(text("FILE", "")).read(undefined, "--from")).toThrow("--from is missing");
  });

  it("reads toggles and lists", () => {
    expect(toggle("").read(undefined, "")).toBe(false);
    expect(toggle("").read(true, "")).toBe(true);
    expect(unless("").read(undefined, "")).toBe(true);
    expect(unless("").read(false, "")).toBe(false);
    expect(list("NAME", "").read(undefined, "")).toEqual([]);
    expect(list("NAME", "").read(["a", "b"], "")).toEqual(["a", "b"]);
  });
});
