/**
 * A workflow of one function that waits until it is told to go on, so that a test can look around while a stage runs.
 */
import type { PlatformClient } from "@frugal/cli";
import { type RunId, runId, workflowName } from "@frugal/core";
import { zipSync } from "fflate";

/** Says on which processors it may run. `release` lets the invocation go on that waits beside it. */
const handler = `import { readFileSync } from "node:fs";
let open;
export const handler = ({ release }) => {
  if (release) {
    open();
    return null;
  }
  console.log("waiting");
  const [, cpus] = /Cpus_allowed_list:\\s*(\\S+)/.exec(readFileSync("/proc/self/status", "utf8"));
  return new Promise((resolve) => {
    open = () => resolve({ cpus });
  });
};
`;

const name = workflowName("default/gated");

/** It is not snapshotted: while that is done, clocks are high. */
export async function deployGate(client: PlatformClient): Promise<void> {
  const settings = { runtime: "nodejs", handler: "index.handler", concurrency: 2, snapshot: "off" } as const;
  await client.deploy("gate", settings, zipSync({ "index.mjs": Buffer.from(handler) }));
  const document = {
    dsl: "1.0.0",
    namespace: "default",
    name: "gated",
    version: "1.0.0",
    metadata: { deadline: 60 },
  };
  const definition = { document, do: [{ gate: { call: "gate", with: {} } }] };
  await client.workflows.deploy(name, JSON.stringify(definition));
}

/** Resolves when the stage of a new run is being executed. */
export async function enterGate(client: PlatformClient): Promise<RunId> {
  const since = Date.now();
  const { id } = await client.workflows.start(name, Buffer.from("{}"), 0);
  await gateEntered(client, since);
  return runId(id);
}

/** Resolves when a stage has begun after the wall time `since`, in milliseconds. */
export async function gateEntered(client: PlatformClient, since: number): Promise<void> {
  for (;;) {
    for await (const { time, text } of client.logs("gate", { lines: 1000, follow: false }))
      if (text.startsWith("waiting") && Date.parse(time) >= since) return;
    await pause();
  }
}

export async function leaveGate(client: PlatformClient, id: RunId) {
  await client.invoke("gate", Buffer.from('{"release":true}'), false);
  for (;;) {
    const run = await client.workflows.run(id);
    if (run.status !== "running") return run;
    await pause();
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
