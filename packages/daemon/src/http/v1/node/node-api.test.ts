/**
 * /v1/node over real HTTP.
 */
import { afterEach, describe, expect, it } from "vitest";
import { type DaemonRig, startRig } from "../../../../test/daemon-rig.ts";
import { parseJson } from "../../../../test/matchers.ts";

let rig: DaemonRig | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

async function call(method: string, path: string, body?: unknown, key = rig?.key) {
  const reply = await fetch(`${rig?.url}${path}`, {
    method,
    headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  return { status: reply.status, body: text === "" ? undefined : parseJson(text) };
}

const set = (core: unknown, more: object = {}) => call("PUT", "/v1/node/clocks", { core, ...more });

describe("/v1/node", () => {
  it("shows the machine's clocks, and sets them until they are given back", async () => {
    rig = await startRig();
    expect((await call("GET", "/v1/node")).body).toMatchObject({
      machine: "local",
      policy: "frugal",
      clocks: {
        mode: "on",
        held: false,
        core: {
          available: true,
          domains: [{ id: 0, cpus: [0], stepsHertz: [1e9, 2e9, 3e9], hertz: null }, {}],
        },
      },
      energy: { kind: "unavailable", reason: "nothing is measured in a test" },
    });
    const answer = await set([{ domain: 1, hertz: 2e9 }], { uncore: [{ domain: 0, hertz: 3e9 }] });
    expect(answer).toEqual({
      status: 200,
      body: {
        clocks: [
          { kind: "core", domain: 1, hertz: 2e9, state: "set" },
          { kind: "uncore", domain: 0, hertz: 3e9, state: "set" },
        ],
      },
    });
    expect((await call("GET", "/v1/node")).body).toMatchObject({
      clocks: { held: true, core: { domains: [{ hertz: null }, { hertz: 2e9 }] } },
    });
    expect((await call("DELETE", "/v1/node/clocks")).status).toBe(204);
    expect((await call("GET", "/v1/node")).body).toMatchObject({ clocks: { held: false } });
    expect(rig.clocks.log).toEqual(["core 1 2", "uncore 0 3", "restore"]);
  });

  it("sets nothing of an order that it cannot carry out whole (I8)", async () => {
    rig = await startRig();
    const wrongStep = await set([
      { domain: 0, hertz: 1e9 },
      { domain: 1, hertz: 1.5e9 },
    ]);
    expect(wrongStep).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("Its steps, in GHz: 1.00, 2.00, 3.00") as unknown },
    });
    expect(await set([{ domain: 7, hertz: 1e9 }])).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("It has: 0, 1") as unknown },
    });
    expect((await set("fast")).status).toBe(400);
    expect(rig.clocks.log).toEqual([]);
  });

  it("says why a clock was not set", async () => {
    rig = await startRig();
    rig.clocks.outcome = { kind: "failed", reason: "the driver is busy" };
    expect((await set([{ domain: 0, hertz: 1e9 }])).body).toMatchObject({
      clocks: [{ state: "failed", reason: "the driver is busy" }],
    });
  });

  it("sets no clocks where that is switched off, and none for strangers", async () => {
    rig = await startRig({ pace: { clocks: "off" } });
    expect(await set([{ domain: 0, hertz: 1e9 }])).toMatchObject({
      status: 409,
      body: { code: "clocks-unavailable" },
    });
    expect((await call("PUT", "/v1/node/clocks", { core: [] }, "wrong")).status).toBe(403);
    expect((await call("GET", "/v1/node", undefined, "wrong")).status).toBe(403);
  });
});
