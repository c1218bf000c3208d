import { FrugalError, seconds } from "@frugal/core";
import { inputSizes } from "@frugal/functions";
import { command } from "../../command.ts";
import { demoHourRows, readTraceRows, type TraceRows } from "../../demo/trace-rows.ts";
import { demoFunctions, runDemo } from "../../demo/run-demo.ts";
import { reportText } from "../../demo/report-text.ts";
import { amount, choice, text, withDefault } from "../../flags.ts";
import { interruptible } from "../../interrupt.ts";
import { prepareHost } from "../../setup/prepare-host.ts";

const MINUTES_A_DAY = 1440;

/** Below what a machine of two cores can do with the smallest inputs. */
const MOST_PER_SECOND = 40;

export const demo = command({
  name: "demo",
  summary: "run ten functions under an hour of real load, and report",
  description:
    "Sets the host up where something is missing, starts a platform of its own on a free port with its data in a temporary folder, deploys ten benchmark functions, replays real arrivals as HTTP invocations and checks every output. Ends with 1 when an output was wrong or an invocation failed.",
  flags: {
    seconds: withDefault(
      amount("S", "how long the replay lasts; the trace's minutes are pressed into it", {
        minimum: 1,
        maximum: 86_400,
      }),
      30,
    ),
    trace: text(
      "FILE",
      "invocations of the Azure Functions trace 2019, .csv or .csv.gz (default: the hour that comes with Frugal)",
    ),
    rows: text("N,N,...", "with --trace: ten rows by number, from 1 (default: the first that are invoked)"),
    minutes: text("FROM-TO", "with --trace: minutes of the day (default: 0-60)"),
    scale: amount("SHARE", "share of the trace's invocations to replay (default: all, up to 40 a second)", {
      minimum: 1e-6,
      maximum: 1e3,
    }),
    size: withDefault(choice("SIZE", "inputs of the functions", inputSizes), "test"),
    seed: withDefault(
      amount("N", "seed of the arrivals within each minute", {
        minimum: 0,
        maximum: 2 ** 31 - 1,
        whole: true,
      }),
      1,
    ),
  },
  arguments: {},
  examples: [
    { line: "frugal demo", meaning: "30 seconds" },
    { line: "frugal demo --seconds 60 --size small", meaning: "longer, with heavier inputs" },
    {
      line: "frugal demo --trace invocations.csv.gz --minutes 600-660",
      meaning: "an hour of your own trace",
    },
  ],
  run: async ({ seconds: duration, trace, rows, minutes, scale, size, seed }, context) => {
    const { terminal, environment } = context;
    const chosen = await traceRows({ trace, rows, minutes });
    if (chosen.problems.length > 0) {
      const [first] = chosen.problems;
      terminal.err(
        `note: ${chosen.problems.length} rows of the trace were left out, the first in line ${first?.line ?? 0}: ${first?.problem ?? ""}\n`,
      );
    }
    await prepareHost(terminal, environment);
    const workload = { duration: seconds(duration), scale, mostPerSecond: MOST_PER_SECOND, seed };
    const outcome = await interruptible(context, (signal) =>
      runDemo({ trace: chosen, size, workload, signal }, terminal),
    );
    if (outcome.kind === "interrupted") return { kind: "streamed", exitCode: outcome.exitCode };
    const report = outcome.value;
    return {
      kind: "answer",
      document: report,
      text: reportText(report, terminal.outColours, terminal.width),
      exitCode: report.errors + report.wrongOutputs > 0 ? 1 : 0,
    };
  },
});

interface TraceWish {
  readonly trace: string | undefined;
  readonly rows: string | undefined;
  readonly minutes: string | undefined;
}

async function traceRows({ trace, rows, minutes }: TraceWish): Promise<TraceRows> {
  if (trace !== undefined) {
    const selection = {
      rows: rows === undefined ? undefined : parseRows(rows),
      minutes: parseMinutes(minutes ?? "0-60"),
    };
    return readTraceRows(trace, selection, demoFunctions.length);
  }
  if (rows !== undefined || minutes !== undefined) {
    throw new FrugalError("invalid-request", "--rows and --minutes go with --trace");
  }
  return demoHourRows();
}

function parseRows(given: string): readonly number[] {
  const numbers = given.split(",").map(Number);
  const isRight =
    new Set(numbers).size === demoFunctions.length &&
    numbers.length === demoFunctions.length &&
    numbers.every((number) => Number.isInteger(number) && number > 0);
  if (isRight) return numbers;
  throw new FrugalError(
    "invalid-request",
    `--rows: ${JSON.stringify(given)} is not ${demoFunctions.length} different row numbers with commas between them, from 1`,
  );
}

function parseMinutes(given: string): readonly [number, number] {
  const match = /^(\d+)-(\d+)$/.exec(given);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  if (match !== null && from < to && to <= MINUTES_A_DAY) return [from, to];
  throw new FrugalError(
    "invalid-request",
    `--minutes: ${JSON.stringify(given)} is not FROM-TO with 0 <= FROM < TO <= ${MINUTES_A_DAY}, such as 600-660`,
  );
}
