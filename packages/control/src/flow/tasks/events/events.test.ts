import { describe, expect, it } from "vitest";
import { FlowShell, workflow } from "../../../../test/flow/flow-shell.ts";
import type { CloudEvent, Json } from "../../../index.ts";

const event = (type: string, data: Json, more: Readonly<Record<string, Json>> = {}): CloudEvent => ({
  ...more,
  specversion: "1.0",
  id: `${type}-${JSON.stringify(data)}`,
  source: "urn:test",
  type,
  data,
});

/** Listens by `listen`, while one event a second comes in. */
const heard = (
  listen: Json,
  events: readonly CloudEvent[],
  more: Readonly<Record<string, Json>> = {},
): FlowShell => {
  const shell = new FlowShell({ events: events.map((each, i) => [i + 1, each]) });
  shell.execute(workflow([{ hear: { listen, ...more } }]), { room: "a" });
  return shell;
};

describe("emit", () => {
  it("emits an event, filled in, as its output", () => {
    const shell = new FlowShell();
    const declared = { source: "https://x.example", type: "greeted", data: { text: "Hello ${ .name }" } };
    shell.execute(workflow([{ greet: { emit: { event: { with: declared } } } }]), { name: "Ada" });
    expect(shell.emitted).toEqual([shell.output]);
    expect(shell.output).toMatchObject({
      specversion: "1.0",
      source: "https://x.example",
      type: "greeted",
      time: "1970-01-12T13:46:40.000Z",
      data: { text: "Hello Ada" },
    });
    expect(shell.emitted[0]?.id).toBe(`${shell.run}/do/0/greet`);
  });

  it("is heard by a task that listens meanwhile", () => {
    const shell = new FlowShell();
    const branches = [
      { hears: { listen: { to: { one: { with: { type: "ping" } } } } } },
      { says: { emit: { event: { with: { source: "urn:x", type: "ping", data: 7 } } } } },
    ];
    shell.execute(workflow([{ both: { fork: { branches } } }]));
    expect(shell.output).toMatchObject([[7], { type: "ping" }]);
  });
});

describe("listen", () => {
  const temperature = { with: { type: "temperature", data: "${ .value > 38 }" } };

  it("takes the first event that fits, by values, expressions and parts of objects", () => {
    const events = [
      event("pulse", { value: 40 }),
      event("temperature", "no number"),
      event("temperature", { value: 37 }),
      event("temperature", { value: 39 }),
    ];
    expect(heard({ to: { one: temperature } }, events).output).toEqual([{ value: 39 }]);
    expect(heard({ to: { one: { with: { data: { value: 37 } } } } }, events).output).toEqual([{ value: 37 }]);
  });

  it("reads the whole event where it is told to", () => {
    expect(heard({ to: { any: [] }, read: "envelope" }, [event("x", 1)]).output).toEqual([event("x", 1)]);
  });

  it("takes one event of each kind for all, in the order in which they come", () => {
    const to = { all: [{ with: { type: "a" } }, { with: { type: "b" } }] };
    expect(heard({ to }, [event("b", 1), event("b", 2), event("a", 3)]).output).toEqual([1, 3]);
  });

  it("takes only events that belong together", () => {
    const correlate = { room: { from: ".room" } };
    const to = {
      all: [
        { with: { type: "a" }, correlate },
        { with: { type: "b" }, correlate },
      ],
    };
    const events = [
      event("a", 1, { room: 1 }),
      event("b", 2, { room: 2 }),
      event("b", 3),
      event("b", 4, { room: 1 }),
    ];
    expect(heard({ to }, events).output).toEqual([1, 4]);
    const expected = {
      one: { with: { type: "a" }, correlate: { room: { from: ".data", expect: "${ .room }" } } },
    };
    expect(heard({ to: expected }, [event("a", "b"), event("a", "a")]).output).toEqual(["a"]);
  });

  it("goes on until a condition on what came holds", () => {
    const to = { any: [], until: "( . | length ) > 2" };
    const shell = heard(
      { to },
      [1, 2, 3, 4].map((data) => event("x", data)),
    );
    expect(shell.output).toEqual([1, 2, 3]);
    expect(shell.endedAt).toBe(3);
  });

  it("goes on until an event comes that ends it, which is not in the output", () => {
    const to = { any: [temperature], until: { one: { with: { type: "left" } } } };
    const events = [
      event("temperature", { value: 40 }),
      event("left", {}),
      event("temperature", { value: 41 }),
    ];
    expect(heard({ to }, events).output).toEqual([{ value: 40 }]);
  });

  it("handles events one after the other, and exports what they say", () => {
    const foreach = {
      item: "reading",
      at: "i",
      do: [{ slow: { call: "check", with: { room: "${ .room }", reading: "${ $reading }", i: "${ $i }" } } }],
      output: { as: ".reading" },
      export: { as: "{ last: $reading }" },
    };
    const to = { any: [], until: "$context.last == 2" };
    const events = [event("x", 1), event("x", 2), event("x", 3)];
    const shell = heard({ to }, events, { foreach });
    expect(shell.output).toEqual([1, 2]);
    expect(shell.steps.map((step) => step.execution)).toEqual([
      "/do/0/hear#i0/foreach/do/0/slow",
      "/do/0/hear#i1/foreach/do/0/slow",
    ]);
  });

  it("hears nothing more once it is over", () => {
    const shell = new FlowShell({ events: [[5, event("x", 1)]] });
    shell.execute(workflow([{ hear: { listen: { to: { any: [] } }, timeout: { after: "PT2S" } } }]));
    expect(shell.fault.status).toBe(408);
    expect(shell.records.filter(({ key }) => key.includes("#e"))).toEqual([]);
  });
});
