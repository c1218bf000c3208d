/**
 * The runtime expressions of workflows: plain paths here, everything else by the real jq.
 *
 * Invariants (cited by the tests):
 *   J1  evaluating never throws, and returns within the time limit whatever the program
 *   J2  a plain path has the result and the error that jq gives
 *   J3  no program sees the environment, files or other inputs, or prints anything
 *   J4  a program that keeps running over its time is not tried for a while: everybody else waits meanwhile
 */
import type { ExpressionResult, Expressions, Json } from "@frugal/control";
import { type Clock, messageOf, plus, type Seconds, seconds } from "@frugal/core";
import { compilingOf, reasonOf, requestFor } from "./jq-program.ts";
import { type JqLimits, JqThread } from "./jq-thread.ts";
import { evaluatePlain, plainProgram, type PlainProgram } from "./plain-path.ts";

/** Programs that are remembered; a workflow has some dozens. */
const MOST_REMEMBERED = 4096;

/** Characters of a result; more is not read. */
const LONGEST_RESULT = 16 * 2 ** 20;
/** Times that a program may run over its time before it is not tried for a while. */
const MOST_OVERRUNS = 3;
const PENALTY = seconds(60);

/** How often a program ran over its time, and until when that counts. */
interface Overruns {
  readonly count: number;
  readonly until: Seconds;
}

/** What a text was found to be: a plain program, or one that jq could compile. */
type Known = PlainProgram | "good";

export class JqExpressions implements Expressions {
  readonly #thread: JqThread;
  readonly #known = new Map<string, Known>();
  readonly #overruns = new Map<string, Overruns>();
  readonly #clock: Pick<Clock, "now">;

  constructor(limits: JqLimits, clock: Pick<Clock, "now">) {
    this.#thread = new JqThread(limits);
    this.#clock = clock;
  }

  evaluate(program: string, input: Json, variables: Readonly<Record<string, Json>>): ExpressionResult {
    const known = this.#know(program);
    if (known.kind === "fault") return known;
    if (known.program !== "good") return evaluatePlain(known.program, input, variables);
    const overruns = this.#overrunsOf(program);
    if (overruns >= MOST_OVERRUNS)
      return { kind: "fault", reason: `it took too long ${overruns} times, and is not tried for a while` };
    const outcome = this.#thread.evaluate(requestFor(program, input, variables));
    switch (outcome.kind) {
      case "output":
        return valueOf(outcome.text);
      case "complaint":
        return { kind: "fault", reason: reasonOf(outcome.text) };
      case "stopped":
        if (outcome.isLate === true) this.#noteOverrun(program, overruns + 1);
        return { kind: "fault", reason: outcome.reason };
    }
  }

  /** Why `program` could never be evaluated; undefined where it is well formed. */
  problemOf(program: string): string | undefined {
    const known = this.#know(program);
    return known.kind === "fault" ? known.reason : undefined;
  }

  /** Starts jq, so that nobody has to wait for it later. */
  warm(): void {
    this.#thread.warm();
  }

  close(): void {
    this.#thread.close();
  }

  #overrunsOf(program: string): number {
    const overruns = this.#overruns.get(program);
    if (overruns === undefined) return 0;
    if (overruns.until > this.#clock.now()) return overruns.count;
    this.#overruns.delete(program);
    return 0;
  }

  #noteOverrun(program: string, count: number): void {
    if (this.#overruns.size >= MOST_REMEMBERED) this.#overruns.clear();
    this.#overruns.set(program, { count, until: plus(this.#clock.now(), PENALTY) });
  }

  #know(
    program: string,
  ): { readonly kind: "known"; readonly program: Known } | (ExpressionResult & { readonly kind: "fault" }) {
    const known = this.#known.get(program);
    if (known !== undefined) return { kind: "known", program: known };
    const found = plainProgram(program) ?? "good";
    if (found === "good") {
      const outcome = this.#thread.evaluate(compilingOf(program));
      if (outcome.kind !== "output")
        return {
          kind: "fault",
          reason: outcome.kind === "complaint" ? reasonOf(outcome.text) : outcome.reason,
        };
    }
    if (this.#known.size >= MOST_REMEMBERED) this.#known.clear();
    this.#known.set(program, found);
    return { kind: "known", program: found };
  }
}

function valueOf(output: string): ExpressionResult {
  if (output === "") return { kind: "value", value: null };
  if (output.length > LONGEST_RESULT)
    return { kind: "fault", reason: `its result has more than ${LONGEST_RESULT} characters` };
  try {
    return { kind: "value", value: withinRange(output) };
  } catch (error) {
    return { kind: "fault", reason: `its result cannot be read: ${messageOf(error)}` };
  }
}

/** jq keeps the digits of numbers that are beyond a double; such a one is the largest there is, as jq calculates. */
function withinRange(text: string): Json {
  const value = JSON.parse(text) as Json;
  if (!/\d{300}|[eE]\+?\d{3}/.test(text)) return value;
  return JSON.parse(text, (_key, part: unknown) =>
    typeof part === "number" && !Number.isFinite(part) ? Math.sign(part) * Number.MAX_VALUE : part,
  ) as Json;
}
