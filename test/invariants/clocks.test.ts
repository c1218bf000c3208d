/**
 * I3 end to end: a platform that sets clocks, on a host whose clocks are files. They move as the history says, and are as they
 * were when it ends, however it ends.
 */
import { seconds } from "@frugal/core";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { itAsRoot } from "../privileged.ts";
import { deployGate, enterGate, gateEntered, leaveGate } from "./clocks/gate.ts";
import { PacedHost } from "./clocks/paced-host.ts";

const lowest = { core: 0.8e9, uncore: 0.8e9 };
const highest = { core: 2.101e9, uncore: 2.2e9 };
const left = { core: undefined, uncore: undefined };

let host: PacedHost;
let before: string;
beforeEach(() => {
  host = new PacedHost();
  before = host.state();
});
afterEach(() => host.dispose());

/** The processor that the run's stage was bound to, and what the history says of its clocks. */
function stageOf(run: Awaited<ReturnType<typeof leaveGate>>) {
  expect(run.status).toBe("completed");
  const [stage] = run.stages;
  const { cpus } = run.output as { readonly cpus: string };
  expect(cpus).toMatch(/^[01]$/);
  return { cpu: Number(cpus), ...stage };
}

describe("clocks", () => {
  itAsRoot("are what the history says, of the processor that the stage is bound to", async () => {
    const client = await host.start();
    expect([0, 1].map((cpu) => host.clocksOf(cpu))).toEqual([lowest, lowest]);
    await deployGate(client);
    const budgets: unknown[] = [];
    // Nothing is known of the function at first. With what went before, the second run is paced.
    for (const isPaced of [false, true]) {
      const run = await enterGate(client);
      const during = [0, 1].map((cpu) => host.clocksOf(cpu));
      const stage = stageOf(await leaveGate(client, run));
      expect(stage).toMatchObject({ clocks: "set", coreHertz: during[stage.cpu]?.core });
      expect(stage.uncoreHertz).toBe(during[stage.cpu]?.uncore);
      expect(during[1 - stage.cpu]).toEqual(lowest);
      budgets.push(stage.budgetSeconds);
      if (isPaced) expect(stage.coreHertz).toBeLessThan(highest.core);
      else expect(during[stage.cpu]).toEqual(highest);
      await expect.poll(() => host.clocksOf(stage.cpu)).toEqual(lowest);
    }
    expect(budgets).toEqual([null, expect.any(Number)]);
    expect(await host.end("SIGTERM")).toBe(0);
    expect(host.state()).toBe(before);
  });

  itAsRoot(
    "are put back after kill -9 by the next platform, which then paces what the killed one left",
    async () => {
      let client = await host.start();
      await deployGate(client);
      const run = await enterGate(client);
      expect([host.clocksOf(0), host.clocksOf(1)]).toContainEqual(highest);
      await host.end("SIGKILL");
      expect([host.clocksOf(0), host.clocksOf(1)]).toContainEqual(highest);

      const restarted = Date.now();
      client = await host.start();
      await gateEntered(client, restarted);
      const during = [host.clocksOf(0), host.clocksOf(1)];
      const stage = stageOf(await leaveGate(client, run));
      expect(stage).toMatchObject({ clocks: "set", coreHertz: highest.core, uncoreHertz: highest.uncore });
      expect(during[stage.cpu]).toEqual(highest);
      expect(await host.end("SIGTERM")).toBe(0);
      expect(host.state()).toBe(before);
    },
  );

  itAsRoot("are put back after kill -9 by a platform that sets none", async () => {
    for (const mode of ["off", "dry-run"] as const) {
      await host.start();
      expect(host.clocksOf(0)).toEqual(lowest);
      await host.end("SIGKILL");
      expect(host.clocksOf(0)).toEqual(lowest);
      await host.start(mode);
      expect(host.state()).toBe(before);
      expect(await host.end("SIGTERM")).toBe(0);
      expect(host.state()).toBe(before);
    }
  });

  itAsRoot("are put back by a second signal, which does not wait for what runs", async () => {
    const client = await host.start();
    await deployGate(client);
    await enterGate(client);
    host.signal("SIGTERM");
    // Signals of one kind that come at once are one.
    await expect.poll(async () => (await fetch(`${client.url}/readyz`)).status).toBe(503);
    expect(await host.end("SIGTERM")).toBe(143);
    expect(host.state()).toBe(before);
  });

  itAsRoot("are put back by a fault that ends the platform", async () => {
    await host.start();
    expect(host.clocksOf(1)).toEqual(lowest);
    expect(await host.end("SIGUSR2")).not.toBe(0);
    expect(host.state()).toBe(before);
  });

  itAsRoot("are put back when the terminal of the platform goes away", async () => {
    await host.start();
    expect(await host.end("SIGHUP")).toBe(0);
    expect(host.state()).toBe(before);
  });

  itAsRoot("are held for somebody outside, until they are given back or the lease ends", async () => {
    const client = await host.start();
    await deployGate(client);
    const held = { core: 1.3e9, uncore: 1.5e9 };
    const wish = {
      core: [{ domain: 0, hertz: held.core }],
      uncore: [{ domain: 0, hertz: held.uncore }],
    };
    await client.node.setClocks(wish, seconds(600));
    expect(host.clocksOf(0)).toEqual(held);
    const run = await enterGate(client);
    expect(host.clocksOf(0)).toEqual(held);
    expect(stageOf(await leaveGate(client, run)).clocks).toBe("unavailable");
    await client.node.giveClocksBack();
    await expect.poll(() => host.clocksOf(0)).toEqual(lowest);
    expect((await client.node.view()).clocks["held"]).toBe(false);

    await client.node.setClocks(wish, seconds(0.05));
    await expect.poll(() => host.clocksOf(0)).toEqual(lowest);
    await client.node.setClocks(wish, seconds(600));
    expect(await host.end("SIGTERM")).toBe(0);
    expect(host.state()).toBe(before);
  });

  itAsRoot("are left alone by a platform that shall not set them", async () => {
    const client = await host.start("dry-run");
    await deployGate(client);
    const run = await enterGate(client);
    expect([host.clocksOf(0), host.clocksOf(1)]).toEqual([left, left]);
    const { stages } = await leaveGate(client, run);
    expect(stages[0]).toMatchObject({ clocks: "dry-run", coreHertz: highest.core });
    expect(host.state()).toBe(before);
  });
});
