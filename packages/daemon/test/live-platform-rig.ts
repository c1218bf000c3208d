/**
 * A live platform on a fake sandbox, fake clocks and a clock that is moved by hand.
 */
import {
  cores,
  type EnergyReading,
  functionName,
  joules,
  machineName,
  mebibytes,
  minus,
  ratio,
  seconds,
  type StartWish,
  watts,
} from "@frugal/core";
import type { PacePolicyName } from "@frugal/control";
import { EnergyLedger, EnergySampler } from "@frugal/machine";
import { GreyBoxModel, softwareCounters } from "@frugal/predict";
import type { InvokeRequest } from "@frugal/sandbox";
import { expect } from "vitest";
import { LivePlatform } from "../src/platform/live-platform.ts";
import { ClockDesk } from "../src/platform/pace/clock-desk.ts";
import type { InvocationResult } from "../src/platform/platform.ts";
import { FakeClocks, fakeSteps } from "./fake-clocks.ts";
import type { FakeHostSnapshots } from "./fake-host-snapshots.ts";
import { FakeSandbox } from "./fake-sandbox.ts";
import { functionDefinition } from "./function-definition.ts";
import { ManualClock } from "./manual-clock.ts";

export const name = functionName("greet");
export const definition = functionDefinition({ name });

export const request = (requestId: string): InvokeRequest => ({
  requestId,
  payload: Buffer.from("{}"),
  functionArn: "arn",
});

/** `pace` is undefined where nothing paces the machine. */
export function setUp(payloadBytes = mebibytes(64), snapshots?: FakeHostSnapshots, pace?: PacePolicyName) {
  const clocks = new FakeClocks();
  const stageModel = new GreyBoxModel({
    grid: { core: fakeSteps, uncore: fakeSteps },
    counters: softwareCounters,
    prior: undefined,
  });
  const clock = new ManualClock();
  const sandbox = new FakeSandbox(snapshots);
  let machineBusy = 0;
  let lastMeasured = clock.now();
  const model = { idle: watts(10), perBusyThread: watts(20) };
  const meter = {
    name: "model",
    description: "a model for the test",
    powerModel: model,
    measure: (): EnergyReading => {
      const interval = minus(clock.now(), lastMeasured);
      lastMeasured = clock.now();
      const used = sandbox.instances.reduce((sum, { cpu }) => sum + cpu, 0);
      const busy = used - machineBusy;
      machineBusy = used;
      return {
        kind: "energy",
        joules: joules(10 * interval + 20 * busy),
        source: "model",
        quality: "estimated",
        interval,
        detail: "test model",
      };
    },
    close: () => undefined,
  };
  const usage = {
    machineBusy: () => ({
      kind: "busy" as const,
      time: seconds(sandbox.instances.reduce((sum, { cpu }) => sum + cpu, 0)),
    }),
    close: () => undefined,
  };
  const ledger = new EnergyLedger({ threads: 2, powerModel: model });
  const sampler = new EnergySampler({ meter, usage, ledger, clock, platformCpu: () => seconds(0) });
  const results: InvocationResult[] = [];
  const logged: string[] = [];
  const platform = new LivePlatform({
    control: {
      keepAlive: "fixed",
      keepAliveOptions: { keepForSeconds: 60 },
      maxWaiting: 100,
      ...(pace === undefined ? {} : { pace: { policy: pace, modelOf: () => stageModel } }),
    },
    machine: {
      name: machineName("here"),
      cores: cores(2),
      memory: mebibytes(1024),
      instances: 10,
      starts: 2,
      snapshots: snapshots !== undefined,
      ...(pace === undefined ? {} : { clocks: clocks.clocks, pinning: true }),
    },
    payloadBytes,
    sandbox,
    clock,
    ledger,
    sampler,
    clocks: pace === undefined ? undefined : new ClockDesk(clocks, clock),
    meter: undefined,
    loads: () => [ratio(0.5), ratio(1)],
    observe: (_definition, result) => results.push(result),
    log: (_name, _requestId, _stream, text) => logged.push(text),
  });
  platform.deploy(definition);
  const answers = new Map<string, InvocationResult>();
  const invoke = (requestId: string, wish?: StartWish): (() => void) => {
    const done = (result: InvocationResult): void => {
      expect(answers.has(requestId)).toBe(false);
      answers.set(requestId, result);
    };
    return platform.invoke(name, request(requestId), done, { wish });
  };
  return { clocks, clock, sandbox, platform, results, logged, answers, invoke, stageModel };
}
