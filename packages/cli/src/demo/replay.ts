/**
 * Replays arrivals as real HTTP invocations, each at its time whether or not the earlier ones have been answered, and
 * judges every output.
 *
 * Latency counts from the time at which an invocation was due, not from when it could be sent: a platform (or a client)
 * that falls behind does not look better for it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchmarkFunction, InputSize } from "@frugal/functions";
import { Histogram, messageOf } from "@frugal/core";
import type { Arrival } from "@frugal/trace";
import { Pool } from "undici";

/** Seconds of each phase of a cold start. */
export interface StartPhaseSums {
  unit: number;
  restore: number;
  runtime: number;
  init: number;
}

/** What one function's invocations came to, as seen by the caller. */
export interface FunctionOutcome {
  readonly latency: Histogram;
  invocations: number;
  errors: number;
  wrongOutputs: number;
  coldStarts: number;
  /** Summed over the cold starts that callers waited for. */
  readonly startSeconds: StartPhaseSums;
  refused: number;
  /** The first thing that went wrong, for people. */
  firstProblem: string | undefined;
}

export interface ReplayProgress {
  readonly elapsedSeconds: number;
  readonly sent: number;
  readonly answered: number;
  readonly outcomes: ReadonlyMap<string, FunctionOutcome>;
}

export interface ReplayOptions {
  readonly url: string;
  readonly size: InputSize;
  readonly functions: readonly BenchmarkFunction[];
  readonly arrivals: readonly Arrival[];
  /** Ends the replay early: it rejects. */
  readonly signal: AbortSignal;
  /** Called a few times a second, and once at the end. */
  readonly onProgress: (progress: ReplayProgress) => void;
}

const PROGRESS_MS = 250;
/** Refused invocations are tried again, as a well-behaved client does, until this much time has passed. */
const PATIENCE_MS = 30_000;

export async function replay(options: ReplayOptions): Promise<ReplayProgress> {
  const { signal } = options;
  signal.throwIfAborted();
  const pool = new Pool(options.url, { connections: 256, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  const outcomes = new Map(options.functions.map(({ name }) => [name, newOutcome()]));
  const targets = new Map(options.functions.map((fn) => [fn.name, targetOf(fn, options.size)]));
  const started = performance.now();
  const count = { sent: 0, answered: 0 };
  const progress = (): ReplayProgress => ({
    elapsedSeconds: (performance.now() - started) / 1000,
    ...count,
    outcomes,
  });
  const ticker = setInterval(() => {
    options.onProgress(progress());
  }, PROGRESS_MS);
  const pending: Promise<void>[] = [];
  const abandon = (): void => void pool.destroy();
  signal.addEventListener("abort", abandon);
  try {
    for (const { at, source } of options.arrivals) {
      const due = started + at * 1000;
      const early = due - performance.now();
      if (early > 0) await sleep(early, undefined, { signal });
      const target = targets.get(source);
      const outcome = outcomes.get(source);
      if (target === undefined || outcome === undefined) continue;
      count.sent++;
      pending.push(
        invoke(pool, target, { due, outcome, signal }).finally(() => {
          count.answered++;
        }),
      );
    }
    await Promise.all(pending);
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener("abort", abandon);
    clearInterval(ticker);
    await pool.destroy();
  }
  const last = progress();
  options.onProgress(last);
  return last;
}

interface Target {
  readonly path: string;
  readonly body: string;
  readonly judge: (output: unknown) => string | undefined;
}

function targetOf(fn: BenchmarkFunction, size: InputSize): Target {
  const payload = fn.payload(size);
  return {
    path: `/2015-03-31/functions/${fn.name}/invocations`,
    body: JSON.stringify(payload),
    judge: (output) => fn.check(size, payload, output),
  };
}

interface Sent {
  /** When the invocation was due, by performance.now(). */
  readonly due: number;
  readonly outcome: FunctionOutcome;
  readonly signal: AbortSignal;
}

async function invoke(pool: Pool, target: Target, sent: Sent): Promise<void> {
  const { due, outcome } = sent;
  outcome.invocations++;
  try {
    const reply = await sendPatiently(pool, target, sent);
    outcome.latency.record((performance.now() - due) / 1000);
    if (reply.headers["x-frugal-start"] === "cold") {
      outcome.coldStarts++;
      addPhases(outcome.startSeconds, String(reply.headers["server-timing"]));
    }
    if (reply.statusCode !== 200 || reply.headers["x-amz-function-error"] !== undefined) {
      fail(outcome, `status ${reply.statusCode}: ${reply.text.slice(0, 300)}`);
      return;
    }
    const wrong = target.judge(JSON.parse(reply.text));
    if (wrong === undefined) return;
    outcome.wrongOutputs++;
    outcome.firstProblem ??= `wrong output: ${wrong}`;
  } catch (error) {
    fail(outcome, messageOf(error));
  }
}

/** `timing` as the platform writes it: `unit;dur=5.1, restore;dur=0, runtime;dur=40.2, init;dur=9`, in milliseconds. */
function addPhases(sums: StartPhaseSums, timing: string): void {
  const milliseconds = (phase: string): number =>
    Number(new RegExp(`${phase};dur=([\\d.]+)`).exec(timing)?.[1] ?? 0);
  sums.unit += milliseconds("unit") / 1000;
  sums.restore += milliseconds("restore") / 1000;
  sums.runtime += milliseconds("runtime") / 1000;
  sums.init += milliseconds("init") / 1000;
}

function fail(outcome: FunctionOutcome, problem: string): void {
  outcome.errors++;
  outcome.firstProblem ??= problem;
}

async function sendPatiently(pool: Pool, target: Target, { due, outcome, signal }: Sent) {
  for (;;) {
    const { statusCode, headers, body } = await pool.request({
      method: "POST",
      path: target.path,
      headers: { "content-type": "application/json" },
      body: target.body,
    });
    const text = await body.text();
    const waitSeconds = Number(headers["retry-after"]);
    if (statusCode !== 429 || performance.now() - due > PATIENCE_MS) return { statusCode, headers, text };
    outcome.refused++;
    await sleep((waitSeconds || 1) * 1000, undefined, { signal });
  }
}

const newOutcome = (): FunctionOutcome => ({
  latency: new Histogram(),
  invocations: 0,
  errors: 0,
  wrongOutputs: 0,
  coldStarts: 0,
  startSeconds: { unit: 0, restore: 0, runtime: 0, init: 0 },
  refused: 0,
  firstProblem: undefined,
});
