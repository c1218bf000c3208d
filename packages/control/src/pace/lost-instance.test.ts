import {
  functionName,
  gigahertz,
  invocationNumber,
  type MachineClocks,
  type Seconds,
  seconds,
} from "@frugal/core";
import { expect, it } from "vitest";
import { demand, machine, quick } from "../../test/shell-with.ts";
import { SimpleModel } from "../../test/simple-model.ts";
import type { Command } from "../command.ts";
import { Control } from "../control.ts";
import type { Event } from "../event.ts";

const steps = [1, 2, 3].map(gigahertz);
const clocks: MachineClocks = {
  core: [{ id: 0, cpus: [0, 1], socket: 0, steps }],
  uncore: [{ id: 0, cpus: [0, 1], socket: 0, steps }],
};

it("asks for no clocks any more when its end is told before the end of what it executed (P2)", () => {
  const model = new SimpleModel({ core: steps, uncore: steps });
  const control = new Control({ ...quick, pace: { policy: "frugal", modelOf: () => model } });
  const set = new Map<string, number>();
  let timer: Seconds | undefined;
  const send = (event: Event, now: number): readonly Command[] => {
    const commands = control.handle(event, seconds(now));
    for (const command of commands) {
      if (command.kind === "set-core-clock" || command.kind === "set-uncore-clock")
        set.set(command.kind, command.clock);
      if (command.kind === "set-timer") timer = command.at;
    }
    return commands;
  };
  send({ kind: "machine-joined", machine: machine({ clocks }) }, 0);
  send({ kind: "function-deployed", demand: demand("lost") }, 0);
  const invocation = invocationNumber(1);
  const arrival = { kind: "invocation-arrived", invocation, function: functionName("lost") } as const;
  const start = send(arrival, 1).find((command) => command.kind === "start-instance");
  if (start === undefined) throw new Error("nothing was started");
  const { instance } = start;
  send({ kind: "instance-ready", instance, start: "boot", cpu: undefined, memory: undefined }, 2);
  expect([...set.values()]).toEqual([steps[2], steps[2]]);
  send({ kind: "instance-ended", instance, failure: { code: "instance-lost", message: "gone" } }, 3);
  send({ kind: "invocation-finished", invocation, instance, isInstanceLost: true }, 3);
  for (let now = timer; now !== undefined && now < 10; now = timer) {
    timer = undefined;
    send({ kind: "timer-fired" }, now);
  }
  expect([...set.values()]).toEqual([steps[0], steps[0]]);
});
