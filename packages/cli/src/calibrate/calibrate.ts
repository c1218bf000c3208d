/**
 * A calibration: looks at the machine's clocks, sweeps them, fits the models, and writes the fitted model.
 */
import { type ClockGrid, FrugalError, messageOf } from "@frugal/core";
import {
  type FitQuality,
  type FitReport,
  fitReport,
  GreyBoxModel,
  type GreyBoxOptions,
} from "@frugal/predict";
import type { PlatformClient } from "../client/platform-client.ts";
import { writeAtomically } from "../data-directory.ts";
import { counted } from "../terminal/format.ts";
import { ProgressBar } from "../terminal/progress-bar.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { showWaiting } from "../terminal/waiting.ts";
import { nodeClocks, settingsToVisit, whatIsMissing } from "./clock-sweep.ts";
import { type Observations, observe } from "./observe.ts";
import type { CalibrationCall } from "./workload.ts";

export interface CalibrationOptions {
  readonly calls: readonly CalibrationCall[];
  /** Executions of each input at each pair of clocks. */
  readonly rounds: number;
  readonly coreClocks: number;
  readonly uncoreClocks: number;
  /** Where the fitted model goes. */
  readonly output: string;
  readonly signal: AbortSignal;
}

export type Calibration =
  | { readonly kind: "unavailable"; readonly missing: readonly string[] }
  | {
      readonly kind: "calibrated";
      /** Pairs of clocks visited. */
      readonly settings: number;
      readonly executions: number;
      readonly leftOut: number;
      readonly withPower: number;
      readonly quality: FitQuality;
      readonly report: FitReport;
      readonly output: string;
    };

export async function calibrateMachine(
  client: PlatformClient,
  options: CalibrationOptions,
  terminal: Terminal,
): Promise<Calibration> {
  const node = await client.node.view();
  const missing = whatIsMissing(node);
  if (missing.length > 0) return { kind: "unavailable", missing };
  const clocks = nodeClocks(node);
  const settings = settingsToVisit(clocks.grid, options.coreClocks, options.uncoreClocks);
  const total = options.rounds * settings.length * options.calls.length;
  const progress = new ProgressBar(
    terminal,
    total,
    `running ${total} invocations at ${settings.length} pairs of clocks`,
  );
  const observations = await observe(client, {
    clocks,
    settings,
    calls: options.calls,
    rounds: options.rounds,
    signal: options.signal,
    onProgress: (done) => {
      progress.update(done, "invocations");
    },
  }).finally(() => {
    progress.finish();
  });
  // Models of many executions take a while, at which nothing else can be drawn.
  const endWaiting = showWaiting(
    terminal,
    `fitting models to ${counted(observations.all.length, "execution")}`,
  );
  try {
    return await fit(clocks.grid, observations, settings.length, options.output);
  } finally {
    endWaiting();
  }
}

async function fit(
  grid: ClockGrid,
  observations: Observations,
  settings: number,
  output: string,
): Promise<Calibration> {
  const { all, counterSet, leftOut } = observations;
  const options = { grid, counters: counterSet, prior: undefined };
  const model = learnt(options, observations);
  await write(output, `${JSON.stringify(model)}\n`);
  return {
    kind: "calibrated",
    settings,
    executions: all.length,
    leftOut,
    withPower: all.filter(({ power }) => power !== undefined).length,
    quality: model.fitQuality(),
    report: fitReport(all, options),
    output,
  };
}

function learnt(options: GreyBoxOptions, { all }: Observations): GreyBoxModel {
  const model = new GreyBoxModel(options);
  for (const observation of all) model.observe(observation);
  return model;
}

async function write(file: string, text: string): Promise<void> {
  await writeAtomically(file, text).catch((cause: unknown) => {
    throw new FrugalError("invalid-request", `--output: ${messageOf(cause)}`, { cause });
  });
}
