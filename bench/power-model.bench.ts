/**
 * How far the default power of a core over its clock is from a real server's.
 *
 * The default shape is fitted to cores of other machines (data/reference-clocks.json). Here it is held against a dual-socket AMD
 * EPYC 7502, measured at the wall at 1.5, 2.2 and 2.5 GHz with nine kernels on 4 to 64 cores: by how much does the power of the busy
 * cores fall from 2.5 GHz? Power of the busy cores is what is drawn above the same machine with none; as idle was measured at
 * one clock only, that base is where the line over the number of busy cores meets zero, for each kernel, clock and C-state.
 * Measurements with idle cores kept from sleeping (C0, polling) are left out: there a busy core replaces one that draws power too.
 */
import { hertz } from "@frugal/core";
import { readReferenceClocks } from "@frugal/machine";
import { parseReferenceClocks, ReferenceMachine } from "@frugal/predict";
import { type Bench, median } from "./bench.ts";
import { type ClockMhz, type KernelPowers, readMeasuredPowers } from "./power-model/measured-powers.ts";

const TOP = 2500;
const LOWER = [2200, 1500] as const;
/** With fewer, what is compared drowns in the measurement's noise of about a watt. */
const FEWEST_CORES = 16;

interface Comparison {
  readonly kernel: string;
  readonly clock: ClockMhz;
  /** Power of the busy cores relative to that at the top clock. */
  readonly measured: number;
  readonly predicted: number;
}

export const bench: Bench = {
  question: "how far is the default power of a core over its clock from a real server's?",
  run({ note }) {
    const kernels = readMeasuredPowers(process.env["FRUGAL_SHARED_DATA"]);
    const machine = new ReferenceMachine(parseReferenceClocks(readReferenceClocks()));
    const shareAt = (clock: ClockMhz): number =>
      machine.corePower(hertz(clock * 1e6)) / machine.corePower(hertz(TOP * 1e6));
    const all = kernels.flatMap((each) => compare(each, shareAt));
    note(`${all.length} comparisons of ${kernels.length} kernels and C-states`);
    const names = [...new Set(all.map(({ kernel }) => kernel))];
    const byKernel = Object.fromEntries(
      names.map((name) => [name, errorsOf(all.filter(({ kernel }) => kernel === name))]),
    );
    const document = {
      unit: "power of the busy cores relative to 2.5 GHz; errors in percent of the measured",
      predicted: Object.fromEntries(LOWER.map((clock) => [clock, shareAt(clock)])),
      all: errorsOf(all),
      computeBound: errorsOf(all.filter(({ kernel }) => !isMemoryBound(kernel))),
      memoryBound: errorsOf(all.filter(({ kernel }) => isMemoryBound(kernel))),
      byKernel,
    };
    return Promise.resolve({ document, text: textOf(document) });
  },
};

const isMemoryBound = (kernel: string): boolean => kernel.startsWith("memory_");

function compare(
  { kernel, watts }: KernelPowers,
  shareAt: (clock: ClockMhz) => number,
): readonly Comparison[] {
  const top = aboveBase(watts.get(TOP));
  return LOWER.flatMap((clock) => {
    const lower = aboveBase(watts.get(clock));
    return [...lower].flatMap(([cores, power]) => {
      const full = top.get(cores);
      if (full === undefined || cores < FEWEST_CORES) return [];
      return [{ kernel, clock, measured: power / full, predicted: shareAt(clock) }];
    });
  });
}

/** Power by number of busy cores, above what the line through all of them says of none. */
function aboveBase(byCores: ReadonlyMap<number, number> = new Map()): ReadonlyMap<number, number> {
  let [n, x, y, xx, xy] = [0, 0, 0, 0, 0];
  for (const [cores, watts] of byCores) {
    n++;
    x += cores;
    y += watts;
    xx += cores * cores;
    xy += cores * watts;
  }
  const slope = (n * xy - x * y) / (n * xx - x * x);
  const base = (y - slope * x) / n;
  return new Map([...byCores].map(([cores, watts]) => [cores, watts - base]));
}

interface Errors {
  readonly comparisons: number;
  /** Mean and median of |predicted - measured| / measured, in percent. */
  readonly mape: number;
  readonly medianApe: number;
  /** Median of what was measured, by clock in MHz. */
  readonly measured: Readonly<Record<string, number>>;
}

function errorsOf(comparisons: readonly Comparison[]): Errors {
  const errors = comparisons.map(
    ({ measured, predicted }) => (100 * Math.abs(predicted - measured)) / Math.abs(measured),
  );
  const measuredAt = (clock: ClockMhz): number =>
    median(comparisons.filter((one) => one.clock === clock).map(({ measured }) => measured));
  return {
    comparisons: comparisons.length,
    mape: errors.reduce((sum, error) => sum + error, 0) / errors.length,
    medianApe: median(errors),
    measured: Object.fromEntries(LOWER.map((clock) => [clock, measuredAt(clock)])),
  };
}

function textOf(document: {
  readonly predicted: Readonly<Record<string, number>>;
  readonly all: Errors;
  readonly computeBound: Errors;
  readonly memoryBound: Errors;
  readonly byKernel: Readonly<Record<string, Errors>>;
}): string {
  const { predicted, all, computeBound, memoryBound, byKernel } = document;
  const row = (name: string, ...cells: readonly string[]): string =>
    `${name.padEnd(16)}${cells.map((cell) => cell.padStart(14)).join("")}\n`;
  const errorRow = (name: string, { measured, mape, medianApe }: Errors): string =>
    row(
      name,
      ...LOWER.map((clock) => (measured[clock] ?? 0).toFixed(3)),
      `${mape.toFixed(1)} %`,
      `${medianApe.toFixed(1)} %`,
    );
  return [
    row("to 2.5 GHz", "2.2 GHz", "1.5 GHz", "MAPE", "median error"),
    row("the default", ...LOWER.map((clock) => (predicted[clock] ?? 0).toFixed(3))),
    ...Object.entries(byKernel).map(([kernel, errors]) => errorRow(kernel, errors)),
    errorRow("compute-bound", computeBound),
    errorRow("memory-bound", memoryBound),
    errorRow("all", all),
  ].join("");
}
