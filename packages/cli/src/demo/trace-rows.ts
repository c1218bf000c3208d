/**
 * The rows of a trace that the demo replays: of a file of Azure's 2019 format, or the hour that comes with Frugal.
 */
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { FrugalError, messageOf } from "@frugal/core";
import { type FunctionTrace, InvocationsReader, parseDemoHour, type TraceProblem } from "@frugal/trace";
import { checkoutFolder } from "../checkout.ts";
import type { TraceRow } from "./workload.ts";

export interface TraceSelection {
  /** Numbers of the file's functions, from 1; undefined: the first ones that are invoked in the minutes. */
  readonly rows: readonly number[] | undefined;
  /** First minute, from 0, and the one after the last. */
  readonly minutes: readonly [number, number];
}

export interface TraceRows {
  /** What is replayed: the file, or the title of the hour that comes with Frugal. */
  readonly title: string;
  /** Whose data it is, where that must be said. */
  readonly attribution: string | null;
  readonly rows: readonly TraceRow[];
  readonly problems: readonly TraceProblem[];
}

export async function demoHourRows(): Promise<TraceRows> {
  const hour = parseDemoHour(await readFile(join(checkoutFolder, "data", "azure-2019-hour.json"), "utf8"));
  const rows = hour.functions.map(({ hash, pattern, counts }) => ({
    origin: `${hash.slice(0, 8)} ${pattern}`,
    counts,
  }));
  return { title: hour.title, attribution: hour.source.attribution, rows, problems: [] };
}

/** `count` rows of `file`, gzip or plain. Throws `invalid-trace` where there are fewer. */
export async function readTraceRows(
  file: string,
  selection: TraceSelection,
  count: number,
): Promise<TraceRows> {
  const rows: TraceRow[] = [];
  const problems: TraceProblem[] = [];
  const [from, to] = selection.minutes;
  let seen = 0;
  const take = (trace: FunctionTrace): void => {
    seen++;
    const counts = trace.counts.subarray(from, to);
    const isChosen =
      selection.rows?.includes(seen) ?? (rows.length < count && counts.some((each) => each > 0));
    if (isChosen) rows.push({ origin: trace.function.slice(0, 8), counts });
  };
  for await (const item of items(file)) {
    if (item.kind === "problem") problems.push({ line: item.line, problem: item.problem });
    else take(item);
  }
  if (rows.length < count) {
    const wanted =
      selection.rows === undefined
        ? `${count} functions invoked in minutes ${from}-${to}`
        : `rows ${selection.rows.join(", ")}`;
    throw new FrugalError(
      "invalid-trace",
      `${file} has ${seen} functions, but not ${wanted}\nChoose others with --rows and --minutes`,
      { details: { file, functions: seen, found: rows.length } },
    );
  }
  return { title: file, attribution: null, rows: rows.slice(0, count), problems };
}

async function* items(file: string) {
  const reader = new InvocationsReader();
  const raw = createReadStream(file);
  const isGzip = file.endsWith(".gz");
  const text = isGzip ? raw.pipe(createGunzip()) : raw;
  raw.on("error", (error) => text.destroy(error));
  try {
    text.setEncoding("utf8");
    for await (const chunk of text) yield* reader.push(String(chunk));
    yield* reader.end();
  } catch (cause) {
    const first = `${file} cannot be replayed`;
    if (cause instanceof FrugalError) {
      throw new FrugalError(cause.code, `${first}\n${cause.message}`, { cause, details: cause.details });
    }
    const isDamaged = isGzip && !(cause instanceof Error && "syscall" in cause);
    const what = isDamaged ? `it is no gzip file, or a damaged one (${messageOf(cause)})` : messageOf(cause);
    throw new FrugalError("invalid-trace", `${first}: ${what}\nName a .csv or .csv.gz with --trace`, {
      cause,
    });
  }
}
