/**
 * The benchmark workflows and their checks (invariants W1 to W3 of benchmark-workflow.ts): the flow engine and the real jq, with
 * the functions called in this process.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FlowCommand, Json, StepOutcome } from "@frugal/control";
import { mebibytes, runId, seconds, seededRandom } from "@frugal/core";
import {
  type BenchmarkFunction,
  benchmarkFunctions,
  type BenchmarkWorkflow,
  benchmarkWorkflows,
} from "@frugal/functions";
import { Flow } from "../../packages/control/src/flow/flow.ts";
import { parseWorkflow } from "../../packages/daemon/src/workflows/definition/parse-workflow.ts";
import { JqExpressions } from "../../packages/daemon/src/workflows/expressions/jq-expressions.ts";
import { placesOf, withDamage } from "../../functions/test/damage.ts";

const folder = join(import.meta.dirname, "..", "..", "functions");
const workflows: readonly (readonly [string, BenchmarkWorkflow])[] = Object.entries(benchmarkWorkflows);
const functions: Readonly<Record<string, BenchmarkFunction>> = benchmarkFunctions;

let expressions: JqExpressions;
beforeAll(() => {
  expressions = new JqExpressions({ time: seconds(30), memory: mebibytes(512) }, { now: () => seconds(0) });
});
afterAll(() => {
  expressions.close();
});

/** A document as it arrives over the wire. */
const overTheWire = (document: unknown): Json => JSON.parse(JSON.stringify(document)) as Json;

async function call(name: string, payload: Json): Promise<StepOutcome> {
  const { folder: code, handler } = functions[name]?.runtimes.nodejs ?? { folder: "none", handler: "" };
  const [module = "", exported = ""] = handler.split(".");
  const loaded = (await import(join(folder, code, `${module}.mjs`))) as Record<
    string,
    (event: unknown) => unknown
  >;
  try {
    return { kind: "success", output: overTheWire(await loaded[exported]?.(payload)) };
  } catch (error) {
    const type = "https://serverlessworkflow.io/spec/1.0.0/errors/runtime";
    return { kind: "fault", fault: { type, status: 500, detail: String(error) } };
  }
}

/** The run's end, and the functions that were called, in order. */
async function runOf({ file }: BenchmarkWorkflow, input: object) {
  const { definition } = await parseWorkflow(readFileSync(join(folder, "workflows", file), "utf8"));
  const flow = new Flow({
    expressions,
    random: seededRandom(1),
    runtime: { name: "test", version: "1" },
    wallTime: (now) => now,
  });
  const run = runId("0a5a2b5e-6b43-4d7c-9f0e-8c3a1f0b9d11");
  const now = seconds(0);
  const startedAt = new Date(0).toISOString();
  const start = {
    kind: "run-started",
    run,
    definition,
    input: overTheWire(input),
    startedAt,
    records: [],
  } as const;
  const commands: FlowCommand[] = [...flow.handle(start, now)];
  const called: string[] = [];
  for (let command = commands.shift(); command !== undefined; command = commands.shift()) {
    if (command.kind === "end-run") return { end: command.end, called };
    if (command.kind !== "invoke") continue;
    called.push(command.function);
    const outcome = await call(command.function, command.payload);
    commands.push(...flow.handle({ kind: "step-finished", run, step: command.step, outcome }, now));
  }
  throw new Error("The run did not end");
}

async function outputOf(workflow: BenchmarkWorkflow, input: object): Promise<Json> {
  const { end } = await runOf(workflow, input);
  if (end.kind === "completed") return end.output;
  throw new Error(JSON.stringify(end));
}

describe.each(workflows)("%s", (name, workflow) => {
  const inputs = workflow.inputs();

  it("is what its file and its deployment say", async () => {
    const {
      name: defined,
      settings,
      functions: called,
    } = await parseWorkflow(readFileSync(join(folder, "workflows", workflow.file), "utf8"));
    expect([defined, workflow.name]).toEqual([`default/${name}`, name]);
    expect(settings.deadline).toMatchObject({ quantile: 0.95 });
    expect([...called].sort()).toEqual([...workflow.functions].sort());
    expect(readFileSync(join(folder, "frugal.yaml"), "utf8")).toContain(`- workflows/${workflow.file}\n`);
  });

  it("has inputs that are the same every time and under 100 kB (W3)", () => {
    expect(workflow.inputs()).toEqual(inputs);
    for (const input of inputs) expect(JSON.stringify(input).length).toBeLessThan(100_000);
  });

  it.each(inputs)("answers its input %# rightly, each another way (W1)", async (input) => {
    const output = await outputOf(workflow, input);
    expect(workflow.check(input, output)).toBeUndefined();
    const ways = await Promise.all(inputs.map(async (one) => (await runOf(workflow, one)).called.join()));
    expect(new Set(ways).size).toBe(inputs.length);
  });

  it.each(inputs)(
    "refuses an answer to its input %# with any one value changed, added or removed (W2)",
    async (input) => {
      const output = await outputOf(workflow, input);
      const damage = fc.record({
        path: fc.constantFrom(...placesOf(output)),
        kind: fc.constantFrom("change", "remove", "add", "empty"),
        // Of an archive that is within the first file's data; elsewhere it has fields that mean nothing to a reader.
        at: fc.double({ min: 0.1, max: 0.3, noNaN: true }),
      });
      fc.assert(
        fc.property(damage, ({ path, kind, at }) => {
          expect(workflow.check(input, withDamage(output, path, kind, at))).toBeTypeOf("string");
        }),
      );
      for (const wrong of [undefined, null, 7, "text", [], {}]) {
        expect(workflow.check(input, wrong)).toBeTypeOf("string");
      }
    },
  );
});
