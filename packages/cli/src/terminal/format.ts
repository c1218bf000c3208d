/**
 * Quantities as people read them: three significant digits and a fitting unit.
 */
import {
  type Bytes,
  type EnergyReading,
  type Hertz,
  inMebibytes,
  type Joules,
  scaled,
  type Seconds,
} from "@frugal/core";

const digits = (value: number): string =>
  value === 0
    ? "0"
    : Math.abs(value) >= 999.5
      ? String(Math.round(value))
      : String(Number(value.toPrecision(3)));

export function formatSeconds(time: Seconds): string {
  if (time < 1e-3 && time > 0) return `${digits(time * 1e6)} µs`;
  if (time < 1) return `${digits(time * 1e3)} ms`;
  if (time < 120) return `${digits(time)} s`;
  if (time < 7200) return `${digits(time / 60)} min`;
  return `${digits(time / 3600)} h`;
}

/** Of a time that may be in hand or lacking. */
export const formatSlack = (slack: Seconds): string =>
  slack < 0 ? `-${formatSeconds(scaled(slack, -1))}` : formatSeconds(slack);

/** In GHz with two digits after the point, as clocks are told. */
export const formatHertz = (clock: Hertz): string => `${(clock / 1e9).toFixed(2)} GHz`;

export function formatJoules(energy: Joules): string {
  const size = Math.abs(energy);
  if (size > 0 && size < 1e-3) return `${digits(energy * 1e6)} µJ`;
  if (size > 0 && size < 1) return `${digits(energy * 1e3)} mJ`;
  if (size < 1e4) return `${digits(energy)} J`;
  return size < 1e7 ? `${digits(energy / 1e3)} kJ` : `${digits(energy / 1e6)} MJ`;
}

/** With the reading's quality, or the reason why there is none. */
export const formatEnergy = (reading: EnergyReading): string =>
  reading.kind === "energy"
    ? `${formatJoules(reading.joules)} ${reading.quality}`
    : `energy unavailable: ${reading.reason}`;

export function formatBytes(size: Bytes): string {
  if (size < 1024) return `${size} B`;
  return size < 1024 ** 2 ? `${digits(size / 1024)} KiB` : `${digits(inMebibytes(size))} MiB`;
}

/** "1 function", "2 functions". */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
