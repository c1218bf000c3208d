/**
 * What the platform has learnt of its functions' latency and power, kept in a file from one start to the next.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { type Clock, FrugalError, messageOf, minutes, plus } from "@frugal/core";
import { type CounterSet, GreyBoxModel, type GreyBoxOptions } from "@frugal/predict";
import type { HostClocks } from "./open-clock-desk.ts";

/** What is learnt in less than this may be lost with the process. */
const SAVING_INTERVAL = minutes(5);

export interface PaceModelsParts {
  readonly path: string;
  /** Of frugal calibrate; used where nothing was learnt yet. */
  readonly calibrated: string | undefined;
  /** What its executions are told by. */
  readonly set: CounterSet;
  readonly clocks: HostClocks;
  readonly clock: Clock;
  readonly complain: (line: string) => void;
}

export class PaceModels {
  readonly model: GreyBoxModel;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #complain: (line: string) => void;
  #cancel: () => void = () => undefined;

  /** A file that cannot be used is said, and replaced when the platform stops: the model learns anew. */
  constructor({ path, calibrated, set, clocks: { desk, reference }, clock, complain }: PaceModelsParts) {
    this.#path = path;
    this.#clock = clock;
    this.#complain = complain;
    const core = desk?.port.clocks.core[0]?.steps ?? [];
    const uncore = desk?.port.clocks.uncore[0]?.steps ?? [];
    const grid = core.length === 0 ? reference.grid : { core, uncore };
    this.model = this.#load(calibrated, { grid, counters: set, prior: reference.prior });
    this.#schedule();
  }

  close(): void {
    this.#cancel();
    this.save();
  }

  /** Another file takes the place of the old one, whole. */
  save(): void {
    const next = `${this.#path}.new`;
    try {
      writeFileSync(next, `${JSON.stringify(this.model.toJSON())}\n`, { mode: 0o600 });
      renameSync(next, this.#path);
    } catch (error) {
      this.#complain(`What was learnt for pacing is not kept: ${messageOf(error)}`);
    }
  }

  #schedule(): void {
    this.#cancel = this.#clock.at(plus(this.#clock.now(), SAVING_INTERVAL), () => {
      this.save();
      this.#schedule();
    });
  }

  #load(calibrated: string | undefined, options: GreyBoxOptions): GreyBoxModel {
    const initial = (): GreyBoxModel =>
      calibrated === undefined ? new GreyBoxModel(options) : calibratedModel(calibrated, options);
    try {
      return GreyBoxModel.fromJSON(JSON.parse(readFileSync(this.#path, "utf8")), options);
    } catch (error) {
      const isFirst = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (!isFirst)
        this.#complain(
          `Pacing learns anew, and replaces ${this.#path} when the platform stops: ${messageOf(error)}`,
        );
      return initial();
    }
  }
}

/** What frugal calibrate has fitted; `invalid-request` where the file cannot be used here. */
function calibratedModel(file: string, options: GreyBoxOptions): GreyBoxModel {
  try {
    return GreyBoxModel.fromJSON(JSON.parse(readFileSync(file, "utf8")), options);
  } catch (cause) {
    throw new FrugalError(
      "invalid-request",
      `Cannot pace by ${file}: ${messageOf(cause)}\nGive a file that frugal calibrate has made on this machine, or none.`,
      { cause },
    );
  }
}
