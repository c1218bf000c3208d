/**
 * Derivation of the demo's hour: one real hour of ten functions, out of a day of a thousand.
 *
 * The hour is to show what serverless load is made of, and to be 25 to 35 requests a second when 60 minutes are replayed
 * in 30 seconds. Everything follows from the file by the rule below: nothing is drawn, scaled or picked by hand.
 */
import { FrugalError } from "@frugal/core";
import type { FunctionTrace } from "../azure-2019/function-trace.ts";
import { readInvocations, unreadableTrace } from "../azure-2019/invocations-reader.ts";
import { type ArrivalPattern, arrivalPatterns, patternOf } from "./arrival-pattern.ts";
import { type DemoFunction, type DemoHour, MINUTES_PER_HOUR } from "./demo-hour.ts";
import { invitroThousand, type TraceSource } from "./trace-source.ts";

/** Functions of each pattern; ten together. */
const WANTED: readonly { readonly pattern: ArrivalPattern; readonly functions: number }[] = [
  { pattern: "rare", functions: 2 },
  { pattern: "periodic", functions: 2 },
  { pattern: "steady", functions: 3 },
  { pattern: "bursty", functions: 3 },
];
const FEWEST = 700;
const MOST = 1000;
const AIM = (FEWEST + MOST) / 2;
const HASH_DIGITS = 12;

const RULE = [
  "Functions have the first pattern that they fit. In each hour, sort the functions of each pattern by invocations, then by hash, and take those at equally spaced ranks",
  `(the middle of each nth): ${WANTED.map(({ pattern, functions }) => `${functions} ${pattern} (${arrivalPatterns[pattern].rule})`).join("; ")}.`,
  `Of the hours with ${FEWEST} to ${MOST} invocations in all, take the one nearest ${AIM}; the earliest of several.`,
].join(" ");

/**
 * The hour, from the text of `source`'s file. Throws `invalid-trace` where a row cannot be read, where the text is not
 * that file, or where no hour meets the rule.
 */
export function deriveDemoHour(text: string, source: TraceSource = invitroThousand): DemoHour {
  const { functions, problems } = readInvocations(text);
  if (problems.length > 0) throw unreadableTrace(problems);
  checkSource(functions, source);
  const hours = Math.floor((functions[0]?.counts.length ?? 0) / MINUTES_PER_HOUR);
  let best: DemoHour | undefined;
  for (let hour = 0; hour < hours; hour++) {
    const chosen = chooseFunctions(functions, hour);
    const invocations = chosen?.reduce((sum, each) => sum + each.invocations, 0) ?? 0;
    if (chosen === undefined || invocations < FEWEST || invocations > MOST) continue;
    if (best !== undefined && Math.abs(invocations - AIM) >= Math.abs(best.invocations - AIM)) continue;
    best = {
      title: "One hour of ten functions of the Azure Functions Trace 2019",
      source,
      rule: RULE,
      command: "frugal derive demo-trace --from 1000_inv.csv",
      hour,
      invocations,
      functions: chosen,
    };
  }
  if (best !== undefined) return best;
  throw new FrugalError(
    "invalid-trace",
    `No hour of the trace has ${FEWEST} to ${MOST} invocations of ten functions of the patterns wanted\n${RULE}`,
  );
}

/** A derived figure names its source, so it must not be made from anything else. */
function checkSource(functions: readonly FunctionTrace[], source: TraceSource): void {
  const invocations = functions.reduce(
    (sum, each) => sum + each.counts.reduce((total, count) => total + count, 0),
    0,
  );
  if (functions.length === source.functions && invocations === source.invocations) return;
  throw new FrugalError(
    "invalid-trace",
    `This is not the file that the demo's hour is derived from: it has ${functions.length} functions and ${invocations} invocations, expected ${source.functions} and ${source.invocations}\n` +
      `Give ${source.file}`,
    { details: { functions: functions.length, invocations } },
  );
}

/** The functions that the rule takes of one hour, or undefined where a pattern has too few. */
function chooseFunctions(
  functions: readonly FunctionTrace[],
  hour: number,
): readonly DemoFunction[] | undefined {
  const byPattern = new Map<ArrivalPattern, DemoFunction[]>();
  for (const { function: hash, line, counts: day } of functions) {
    const counts = [...day.subarray(hour * MINUTES_PER_HOUR, (hour + 1) * MINUTES_PER_HOUR)];
    const pattern = patternOf(counts);
    if (pattern === undefined) continue;
    const invocations = counts.reduce((sum, count) => sum + count, 0);
    const fitting = byPattern.get(pattern) ?? [];
    fitting.push({ pattern, hash: hash.slice(0, HASH_DIGITS), line, invocations, counts });
    byPattern.set(pattern, fitting);
  }
  const chosen = WANTED.flatMap((wanted) =>
    atEqualRanks(
      (byPattern.get(wanted.pattern) ?? []).sort(
        (a, b) => a.invocations - b.invocations || compare(a.hash, b.hash),
      ),
      wanted.functions,
    ),
  );
  return chosen.length === WANTED.reduce((sum, wanted) => sum + wanted.functions, 0) ? chosen : undefined;
}

/** The middle element of each nth of `sorted`; fewer where it has fewer. */
const atEqualRanks = <T>(sorted: readonly T[], n: number): readonly T[] =>
  sorted.length <= n
    ? sorted
    : Array.from({ length: n }, (_, k) => Math.floor(((2 * k + 1) * sorted.length) / (2 * n))).flatMap(
        (rank) => sorted.slice(rank, rank + 1),
      );

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
