import { describe, expect, it } from "vitest";
import { functionDefinition } from "../../../test/function-definition.ts";
import { FirstPayloads } from "./first-payloads.ts";

const definition = functionDefinition({});
const texts = (payloads: readonly Uint8Array[]): readonly string[] =>
  payloads.map((payload) => Buffer.from(payload).toString());

describe("FirstPayloads", () => {
  it("keeps the first five of a revision, as they were", () => {
    const kept = new FirstPayloads();
    const reused = Buffer.from("0");
    kept.add(definition, reused);
    reused.write("x");
    for (let i = 1; i < 8; i++) kept.add(definition, Buffer.from(`${i}`));
    expect(texts(kept.of(definition))).toEqual(["0", "1", "2", "3", "4"]);
  });

  it("has none of another revision, nor of a function that was removed", () => {
    const kept = new FirstPayloads();
    kept.add(definition, Buffer.from("old"));
    const next = { ...definition, revision: 2 };
    expect(kept.of(next)).toEqual([]);
    kept.add(next, Buffer.from("new"));
    expect([texts(kept.of(next)), kept.of(definition)]).toEqual([["new"], []]);
    kept.forget(definition.name);
    expect(kept.of(next)).toEqual([]);
  });

  it("keeps none that is large, or that nobody will need", () => {
    const kept = new FirstPayloads();
    kept.add(definition, Buffer.alloc(262_145));
    kept.add({ ...definition, snapshot: "off" }, Buffer.from("1"));
    kept.add({ ...definition, warmUp: { count: 1, payloads: [] } }, Buffer.from("1"));
    expect(kept.of(definition)).toEqual([]);
    kept.add(definition, Buffer.alloc(262_144));
    expect(kept.of(definition)).toHaveLength(1);
  });

  it("gives what was kept then, whatever comes later", () => {
    const kept = new FirstPayloads();
    kept.add(definition, Buffer.from("0"));
    const given = kept.of(definition);
    kept.add(definition, Buffer.from("1"));
    expect(texts(given)).toEqual(["0"]);
  });
});
