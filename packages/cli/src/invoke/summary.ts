import { seconds } from "@frugal/core";
import { energyReading, type InvocationView } from "../client/schemas.ts";
import { counted, formatEnergy, formatSeconds } from "../terminal/format.ts";

/** How an invocation went, in one line; what the platform does not know is left out. */
export function summaryOf(view: InvocationView): string {
  const { start, startKind, waitSeconds, durationSeconds, energy, attempts } = view;
  const parts = [
    ...(start === undefined ? [] : [`${start} start${startKind === undefined ? "" : ` (${startKind})`}`]),
    ...(waitSeconds === undefined ? [] : [`waited ${formatSeconds(seconds(waitSeconds))}`]),
    ...(durationSeconds === undefined ? [] : [`ran ${formatSeconds(seconds(durationSeconds))}`]),
    ...(energy === undefined ? [] : [formatEnergy(energyReading(energy))]),
    ...(attempts === undefined || attempts < 2 ? [] : [counted(attempts, "attempt")]),
    view.requestId,
  ];
  return parts.join(" · ");
}
