/**
 * The machine as /v1/node shows it.
 */
import type { ClockAvailability, ClockDomain, ClockReading } from "@frugal/core";
import type { CounterAmounts } from "@frugal/machine";
import type { z } from "zod";
import type { NodeState } from "../../../platform/pace/node-state.ts";
import { energyView } from "../v1-views.ts";
import type { nodeSchema } from "./node-schemas.ts";

type ClockKindView = z.infer<typeof nodeSchema>["clocks"]["core"];

export function nodeView({
  machine,
  policy,
  mode,
  desk,
  energy,
  counters,
  cpuBusySeconds,
}: NodeState): z.infer<typeof nodeSchema> {
  const off: ClockKindView = { available: false, reason: "switched off by the configuration", domains: [] };
  const port = desk?.port;
  return {
    machine,
    clocks: {
      mode,
      held: desk?.isHeld ?? false,
      core: port === undefined ? off : kindView(port.core, port.clocks.core, (id) => port.readCore(id)),
      uncore:
        port === undefined ? off : kindView(port.uncore, port.clocks.uncore, (id) => port.readUncore(id)),
    },
    policy,
    energy: energyView(energy),
    counters: countersView(counters),
    cpuBusySeconds: cpuBusySeconds ?? null,
  };
}

const countersView = (counters: CounterAmounts): z.infer<typeof nodeSchema>["counters"] =>
  Object.fromEntries(
    [...counters].map(([event, amount]) => [
      event,
      amount.kind === "counted"
        ? { amount: amount.amount, share: amount.share }
        : { unavailable: amount.reason },
    ]),
  );

function kindView(
  availability: ClockAvailability,
  domains: readonly ClockDomain[],
  read: (domain: number) => ClockReading,
): ClockKindView {
  const views = domains.map(({ id, cpus, socket, steps }) => {
    const reading = read(id);
    return {
      id,
      cpus: [...cpus],
      socket,
      stepsHertz: [...steps],
      hertz: reading.kind === "clock" ? reading.hertz : null,
    };
  });
  return availability.kind === "available"
    ? { available: true, driver: availability.driver, domains: views }
    : { available: false, reason: availability.reason, domains: views };
}
