/**
 * Power of a dual-socket AMD EPYC 7502 by kernel, threads, core clock and C-state, as measured by others. The data are GPL: they
 * are compared with, and nothing that ships is made from them.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { FrugalError } from "@frugal/core";
import { median } from "../bench.ts";

const CLOCKS_MHZ = [1500, 2200, 2500] as const;
export type ClockMhz = (typeof CLOCKS_MHZ)[number];

/** One kernel at one C-state: median power of the whole machine by clock and threads. */
export interface KernelPowers {
  readonly kernel: string;
  readonly cState: number;
  readonly watts: ReadonlyMap<ClockMhz, ReadonlyMap<number, number>>;
}

/** At the most one thread a core. */
const CORES = 64;
/** The C-state in which idle cores do not sleep. */
const POLLING = "0";
const columns =
  "duration_s,ac_power_w,rapl_pkg_w,rapl_core_sum_w,kernel,threads,core_freq_mhz,deepest_cstate";

/** The kernels that were measured at all three clocks with idle cores asleep, of the file below `folder`; `invalid-request` where it is missing. */
export function readMeasuredPowers(folder: string | undefined): readonly KernelPowers[] {
  const file = join(folder ?? "", "zen2-epyc-frequency-power/roco2_conway.csv.gz");
  if (folder === undefined || !existsSync(file)) {
    throw new FrugalError(
      "invalid-request",
      `The measurements are not there: ${folder === undefined ? "FRUGAL_SHARED_DATA is not set" : file}\n` +
        "Set FRUGAL_SHARED_DATA to the folder with zen2-epyc-frequency-power/roco2_conway.csv.gz " +
        "(from github.com/tud-zih-energy/2021-rome-ee, roco2/conway.tsv; GPL-3.0, not part of Frugal)",
    );
  }
  return parse(gunzipSync(readFileSync(file)).toString());
}

function parse(text: string): readonly KernelPowers[] {
  const [head, ...lines] = text.trimEnd().split("\n");
  if (head !== columns)
    throw new FrugalError("invalid-request", `The measurements have other columns than ${columns}`);
  const samples = new Map<string, number[]>();
  for (const line of lines) {
    const [, ac, , , kernel = "", threads, clock, cState] = line.split(",");
    if (kernel === "idle" || Number(threads) > CORES || cState === POLLING) continue;
    const key = [kernel, cState, clock, threads].join(" ");
    const watts = samples.get(key) ?? [];
    watts.push(Number(ac));
    samples.set(key, watts);
  }
  const groups = new Map<string, Map<ClockMhz, Map<number, number>>>();
  for (const [key, watts] of samples) {
    const [kernel, cState, mhz, threads] = key.split(" ");
    const clock = CLOCKS_MHZ.find((one) => one === Number(mhz));
    if (clock === undefined) continue;
    const byClock = groups.get(`${kernel} ${cState}`) ?? new Map<ClockMhz, Map<number, number>>();
    groups.set(`${kernel} ${cState}`, byClock);
    byClock.set(clock, (byClock.get(clock) ?? new Map<number, number>()).set(Number(threads), median(watts)));
  }
  return [...groups].flatMap(([name, watts]) => {
    const [kernel = "", cState] = name.split(" ");
    return watts.size === CLOCKS_MHZ.length ? [{ kernel, cState: Number(cState), watts }] : [];
  });
}
