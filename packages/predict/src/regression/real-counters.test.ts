import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { env } from "node:process";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { regressorNames, regressors } from "./index.ts";
import type { Sample } from "./regressor.ts";

/** Only where somebody names the folder: these data do not ship. */
const sharedData = env["FRUGAL_SHARED_DATA"];
const measured =
  sharedData === undefined
    ? undefined
    : join(sharedData, "kepler-nx12-counters-power", "preprocess_abs_default_rapl_Basic.csv.gz");

const features = ["cpu_cycles", "cpu_instructions", "cache_miss", "bpf_cpu_time_us"];

/** Counters in units of their mean, and a column of ones, with the watts of package and memory. */
function samplesOf(file: string): readonly [fitted: Sample, tested: Sample] {
  const [header = "", ...lines] = gunzipSync(readFileSync(file)).toString().trim().split("\n");
  const names = header.split(",");
  const columnOf = (name: string): Float64Array =>
    Float64Array.from(lines, (line) => Number(line.split(",")[names.indexOf(name)]));
  const columns = features.map((name) => {
    const column = columnOf(name);
    const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
    return column.map((value) => value / mean);
  });
  const memory = columnOf("dram_power");
  const watts = columnOf("package_power").map((value, row) => value + (memory[row] ?? 0));
  const sampleOf = (rest: number): Sample => {
    const rows = [...watts.keys()].filter((row) => row % 4 === rest || (rest !== 0 && row % 4 !== 0));
    return {
      rows: rows.map((row) => Float64Array.of(1, ...columns.map((column) => column[row] ?? 0))),
      targets: Float64Array.from(rows, (row) => watts[row] ?? 0),
      weights: undefined,
    };
  };
  return [sampleOf(1), sampleOf(0)];
}

const meanSquare = ({ rows, targets }: Sample, predicted: (row: Float64Array) => number): number =>
  rows.reduce((sum, row, i) => sum + (predicted(row) - (targets[i] ?? 0)) ** 2, 0) / rows.length;

describe.skipIf(measured === undefined || !existsSync(measured))(
  "regressors on a server's counters and watts",
  () => {
    it.each(regressorNames)(
      "%s explains more than the mean does, on rows it was not fitted to (needs shared data)",
      (name) => {
        const [fitted, tested] = samplesOf(measured ?? "");
        const predictor = regressors[name].fit(fitted);
        const mean = fitted.targets.reduce((sum, value) => sum + value, 0) / fitted.targets.length;
        const error = meanSquare(tested, (row) => predictor.predict(row));
        expect(error).toBeLessThan(0.8 * meanSquare(tested, () => mean));
      },
    );
  },
);
