import { command } from "../../command.ts";
import { amount, list, withDefault } from "../../flags.ts";
import type { TunedSet } from "../../pace/tune-workflows.ts";
import { counted } from "../../terminal/format.ts";
import { renderTable } from "../../terminal/table.ts";

const SHOWN = 12;

const columns = [
  { title: "A", align: "right" },
  { title: "B", align: "right" },
  { title: "C", align: "right" },
  { title: "K0", align: "right" },
  { title: "LATE", align: "right" },
  { title: "ENERGY", align: "right" },
  { title: "" },
] as const;

const share = { minimum: 0, maximum: 1 } as const;

export const tunePace = command({
  name: "tune",
  summary: "search the slack controller's parameters",
  description:
    "The controller lets a stage spend K(e) e of the slack e, relative to the deadline: K(e) = a e² + b e + c in time, K0 when late. Every set of a grid is tried on the same replayed runs of each workflow, with the clocks and power of the reference server; the best sets keep the quantile with the fewest joules. Nothing is run, and nothing is changed.",
  flags: {
    deadline: withDefault(
      amount("FACTOR", "deadlines, as a multiple of the least latency", { minimum: 1, maximum: 100 }),
      2,
    ),
    quantile: withDefault(
      amount("SHARE", "of the runs that must be in time", { minimum: 0.5, maximum: 0.999 }),
      0.95,
    ),
    runs: withDefault(
      amount("N", "replayed runs of each workflow", { minimum: 1, maximum: 100_000, whole: true }),
      200,
    ),
    deviation: withDefault(amount("SHARE", "standard deviation of latencies", share), 0.1),
    late: withDefault(amount("SHARE", "of the stages start late (cold starts, queues)", share), 0.05),
    seed: withDefault(
      amount("N", "of the chances that befall the runs", { minimum: 0, maximum: 2 ** 31, whole: true }),
      1,
    ),
  },
  arguments: { files: list("FILE", "workflow files (default: the four that come with Frugal)") },
  examples: [
    { line: "frugal pace tune", meaning: "over the benchmark workflows" },
    {
      line: "frugal pace tune order.yaml --deadline 1.2 --json",
      meaning: "over one's own, every set as JSON",
    },
  ],
  run: async ({ files, deadline, late, ...given }, context) => {
    // Loaded when they are needed: with them come the daemon, the models and the control plane.
    const [{ workflowsToTune }, { tuneWorkflows }, { readReferenceClocks }, predict] = await Promise.all([
      import("../../pace/example-workflows.ts"),
      import("../../pace/tune-workflows.ts"),
      import("@frugal/machine"),
      import("@frugal/predict"),
    ]);
    const workflows = await workflowsToTune(files, context.workingDirectory);
    const machine = new predict.ReferenceMachine(predict.parseReferenceClocks(readReferenceClocks()));
    const request = { workflows, machine, deadlineFactor: deadline, delayShare: late, ...given };
    const sets = tuneWorkflows(request);
    const names = workflows.map(({ name }) => name);
    return {
      kind: "answer",
      document: { workflows: names, deadlineFactor: deadline, delayShare: late, ...given, sets },
      text: tuneText(sets, names, given.quantile, context.terminal.width),
    };
  },
});

function tuneText(
  sets: readonly TunedSet[],
  names: readonly string[],
  quantile: number,
  width: number,
): string {
  const shown = sets.filter(({ isShipped }, i) => i < SHOWN || isShipped);
  const rows = shown.map(({ gain, late, energyChange, isShipped }) => [
    ...[gain.a, gain.b, gain.c, gain.k0].map(String),
    `${(late * 100).toFixed(1)} %`,
    `${energyChange >= 0 ? "+" : ""}${(energyChange * 100).toFixed(2)} %`,
    isShipped ? "shipped" : "",
  ]);
  return [
    `${counted(sets.length, "set")} over ${names.join(", ")}\n`,
    renderTable(columns, rows, width),
    `late: of the workflow that is late most often; ${((1 - quantile) * 100).toFixed(1)} % may be. energy: against the shipped set\n`,
  ].join("");
}
