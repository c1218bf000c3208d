import { resolve } from "node:path";
import { FrugalError } from "@frugal/core";
import type { Calibration, CalibrationOptions } from "../../calibrate/calibrate.ts";
import { connectionFlags, withClient } from "../../client/connection.ts";
import { type Answer, command } from "../../command.ts";
import { amount, list, text, withDefault } from "../../flags.ts";
import { interruptible } from "../../interrupt.ts";
import type { Terminal } from "../../terminal/terminal.ts";

const count = (placeholder: string, description: string, maximum: number) =>
  amount(placeholder, description, { minimum: 1, maximum, whole: true });

export const calibrate = command({
  name: "calibrate",
  summary: "fit the models of time and power to this machine's clocks",
  description:
    "Runs deployed functions at a few core and uncore clocks of the platform's machine, and fits the models that choose clocks to what was seen. The clocks are given back at the end, and after an interruption. Ends with 3 and says what is missing where the machine's clocks cannot be set.",
  flags: {
    payload: list("JSON", "an input of every function; may be given several times (default: {})"),
    payloads: text("FILE", 'inputs by function: {"resize": [{"width": 100}, {"width": 1000}]}'),
    rounds: withDefault(count("N", "executions of each input at each pair of clocks", 1000), 5),
    coreClocks: withDefault(count("N", "core clocks to visit, from the lowest to the highest", 100), 4),
    uncoreClocks: withDefault(count("N", "uncore clocks to visit, where there are any", 100), 3),
    output: withDefault(text("FILE", "where the fitted model goes"), "frugal-model.json"),
    ...connectionFlags,
  },
  arguments: { names: list("NAME", "the functions (default: those of --payloads)") },
  examples: [
    { line: `frugal calibrate resize --payload '{"width": 100}'`, meaning: "one function with one input" },
    { line: "frugal calibrate --payloads inputs.json --rounds 10", meaning: "several, with their inputs" },
  ],
  run: async ({ names, payload, payloads, output, ...input }, context): Promise<Answer> => {
    const { workingDirectory, terminal } = context;
    if (payload.length > 0 && payloads !== undefined)
      throw new FrugalError("invalid-request", "Give one of --payload and --payloads");
    const isElsewhere = input.endpoint !== undefined || (context.environment["FRUGAL_ENDPOINT"] ?? "") !== "";
    const missing = isElsewhere ? [] : await missingHere();
    if (missing.length > 0) return answerOf({ kind: "unavailable", missing }, terminal);
    if (names.length === 0 && payloads === undefined)
      throw new FrugalError("invalid-request", "Name a function, or give --payloads FILE");
    const { calibrateMachine } = await import("../../calibrate/calibrate.ts");
    const { inputsOfFile, sameInputs } = await import("../../calibrate/workload.ts");
    const calls =
      payloads === undefined
        ? sameInputs(names, payload)
        : await inputsOfFile(resolve(workingDirectory, payloads), names);
    const options: Omit<CalibrationOptions, "signal"> = {
      calls,
      rounds: input.rounds,
      coreClocks: input.coreClocks,
      uncoreClocks: input.uncoreClocks,
      output: resolve(workingDirectory, output),
    };
    const ended = await interruptible(context, (signal) =>
      withClient(input, context, (client) => calibrateMachine(client, { ...options, signal }, terminal)),
    );
    if (ended.kind === "interrupted") return { kind: "streamed", exitCode: ended.exitCode };
    return answerOf(ended.value, terminal);
  },
});

/** What this host lacks, before any platform is asked: without core clocks there is nothing to run. */
async function missingHere(): Promise<readonly string[]> {
  const { hostFacts } = await import("@frugal/machine");
  return hostFacts()
    .filter(({ name, available }) => name === "core clocks" && !available)
    .flatMap(({ found, remedy }) => [found, ...(remedy === undefined ? [] : [remedy])]);
}

async function answerOf(calibration: Calibration, terminal: Terminal): Promise<Answer> {
  const { calibrationText } = await import("../../calibrate/calibration-text.ts");
  return {
    kind: "answer",
    document: calibration,
    text: calibrationText(calibration, terminal),
    exitCode: calibration.kind === "calibrated" ? 0 : 3,
  };
}
