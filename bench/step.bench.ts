/**
 * What a step of a workflow costs through the whole platform: HTTP in, the workflow engine, one warm invocation a step, HTTP out.
 *
 * The time of a run divided by its steps, of a chain of invocations of a function that adds one, each given the output of the one
 * before. Nothing is taken off: the beginning and the end of the run and the function itself are in it. Durable runs wait after
 * every step until its result is on the disk; the others keep nothing. Beside them, interleaved: the function by itself over HTTP.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packFolder, PlatformClient, startPlatformProcess, Transport } from "@frugal/cli";
import { FrugalError, quantileOfSorted, type WorkflowName, workflowName } from "@frugal/core";
import { type Bench, median } from "./bench.ts";

const STEPS = 20;
const FUNCTION = "add-one";
const HANDLER = "export const handler = async ({ n = 0 }) => ({ n: n + 1 });\n";
const PATIENCE_SECONDS = 60;
const durable = workflowName("bench/durable");
const volatile = workflowName("bench/volatile");

interface Figures {
  readonly p50: number;
  readonly p95: number;
  /** The median of each round, for the spread. */
  readonly rounds: readonly number[];
}

export const bench: Bench = {
  question: "what does a step of a workflow cost through the whole platform, durable and not?",
  async run({ seconds, rounds, note }) {
    const platform = await startPlatformProcess();
    const transport = new Transport({ url: platform.url, apiKey: undefined });
    try {
      const client = new PlatformClient(transport);
      await deploy(client);
      const kinds = {
        invocation: () => invokeOnce(client),
        volatile: () => runOnce(client, volatile),
        durable: () => runOnce(client, durable),
      } as const;
      const samples = { invocation: [] as number[][], volatile: [] as number[][], durable: [] as number[][] };
      for (const once of Object.values(kinds)) await sample(once, seconds / 5);
      for (let round = 0; round < rounds; round++) {
        for (const kind of ["invocation", "volatile", "durable"] as const) {
          const some = await sample(kinds[kind], seconds);
          samples[kind].push(some);
          note(
            `round ${round + 1}/${rounds} ${kind}: ${median(some).toFixed(3)} ms (${some.length} samples)`,
          );
        }
      }
      const document = {
        steps: STEPS,
        stepMs: figuresOf(samples.volatile),
        durableStepMs: figuresOf(samples.durable),
        invocationMs: figuresOf(samples.invocation),
      };
      return { document, text: textOf(document) };
    } finally {
      await transport.close();
      await platform.close();
    }
  },
};

async function deploy(client: PlatformClient): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "frugal-step-"));
  try {
    await writeFile(join(folder, "index.mjs"), HANDLER);
    const { zip } = await packFolder(folder, {});
    const settings = { runtime: "nodejs", handler: "index.handler" };
    await client.deploy(FUNCTION, settings, zip);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  await client.workflows.deploy(durable, definition(durable, true));
  await client.workflows.deploy(volatile, definition(volatile, false));
}

const definition = (workflow: WorkflowName, isDurable: boolean): string => {
  const [namespace, name] = workflow.split("/");
  return JSON.stringify({
    document: { dsl: "1.0.0", namespace, name, version: "1.0.0", metadata: { durable: isDurable } },
    do: Array.from({ length: STEPS }, (_, i) => ({ [`step${i + 1}`]: { call: FUNCTION } })),
  });
};

/** Milliseconds of a step, again and again for `seconds`. */
async function sample(once: () => Promise<number>, seconds: number): Promise<number[]> {
  const end = performance.now() + seconds * 1000;
  const times: number[] = [];
  do times.push(await once());
  while (performance.now() < end);
  return times;
}

async function runOnce(client: PlatformClient, workflow: WorkflowName): Promise<number> {
  const started = performance.now();
  const { status, output } = await client.workflows.start(workflow, Buffer.from('{"n":0}'), PATIENCE_SECONDS);
  const elapsed = performance.now() - started;
  checkAnswer(`${workflow} ended as ${status}`, output, STEPS);
  return elapsed / STEPS;
}

async function invokeOnce(client: PlatformClient): Promise<number> {
  const started = performance.now();
  const { view } = await client.invoke(FUNCTION, Buffer.from('{"n":0}'), false);
  const elapsed = performance.now() - started;
  checkAnswer(`${FUNCTION} ${view.state}`, view.result, 1);
  return elapsed;
}

function checkAnswer(what: string, output: unknown, expected: number): void {
  const shown = JSON.stringify(output);
  if (shown === JSON.stringify({ n: expected })) return;
  throw new FrugalError("internal", `${what} with ${shown}, expected {"n":${expected}}`);
}

function figuresOf(rounds: readonly (readonly number[])[]): Figures {
  const sorted = rounds.flat().sort((a, b) => a - b);
  return {
    p50: quantileOfSorted(sorted, 0.5) ?? 0,
    p95: quantileOfSorted(sorted, 0.95) ?? 0,
    rounds: rounds.map(median),
  };
}

function textOf(document: {
  readonly stepMs: Figures;
  readonly durableStepMs: Figures;
  readonly invocationMs: Figures;
}): string {
  const row = (name: string, { p50, p95 }: Figures): string =>
    `${name.padEnd(28)}${p50.toFixed(3).padStart(10)}${p95.toFixed(3).padStart(10)}\n`;
  return [
    `${"".padEnd(28)}${"p50 ms".padStart(10)}${"p95 ms".padStart(10)}\n`,
    row("step", document.stepMs),
    row("durable step", document.durableStepMs),
    row("the function by itself", document.invocationMs),
  ].join("");
}
