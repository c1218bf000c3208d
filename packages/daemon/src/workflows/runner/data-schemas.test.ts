import { describe, expect, it } from "vitest";
import { dataSchemas } from "./data-schemas.ts";

describe("dataSchemas", () => {
  it("tells what is wrong with data, and where a schema cannot be used", () => {
    const schema = {
      type: "object",
      properties: { sum: { type: "integer", minimum: 1 } },
      required: ["sum"],
    };
    expect(dataSchemas.problemOf(schema, { sum: 1, other: true })).toBeUndefined();
    expect(dataSchemas.problemOf(schema, { sum: 0 })).toMatch(/^\/sum: /);
    expect(dataSchemas.problemOf(schema, {})).toMatch(/^\/sum: /);
    expect(dataSchemas.problemOf({ type: "nothing" }, 1)).toMatch(/^the schema cannot be used here: /);
  });
});
