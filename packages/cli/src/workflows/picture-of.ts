/**
 * What a workflow's picture shows: its graph, with the latencies and budgets that are known.
 */
import { seconds } from "@frugal/core";
import type { PlanView } from "../client/plan-schema.ts";
import type { WorkflowDetailsView } from "../client/workflow-schemas.ts";
import { counted, formatSeconds } from "../terminal/format.ts";
import { criticalPath } from "./critical-path.ts";
import type { GraphPicture, PictureStage } from "./graph-picture.ts";

interface Stage {
  readonly name: string;
  readonly function?: string | null | undefined;
  readonly repeats: number;
  readonly visits: number;
}

interface Graph {
  readonly stages: readonly Stage[];
  readonly edges: readonly (readonly [from: number, to: number])[];
}

/** `plan` is undefined where the workflow has no deadline. */
export function pictureOfWorkflow(details: WorkflowDetailsView, plan: PlanView | undefined): GraphPicture {
  const { graph, history } = details;
  const means = new Map(history.stages.map(({ task, meanLatencySeconds }) => [task, meanLatencySeconds]));
  const latencies = graph.stages.map(({ name }, i) => plan?.stages[i]?.minimalSeconds ?? means.get(name));
  const planned = plan?.paths.find(({ isCritical }) => isCritical)?.stages;
  const { deadlineSeconds } = details;
  return {
    title: `${details.namespace}/${details.name}`,
    subtitle: [
      `version ${details.version}`,
      deadlineSeconds === null ? "no deadline" : `deadline ${formatSeconds(seconds(deadlineSeconds))}`,
      counted(history.runs, "run"),
    ].join(", "),
    stages: graph.stages.map((stage, i) => ({
      ...titleOf(stage),
      facts: [
        ...callFacts(stage),
        ...timeFact("mean latency", means.get(stage.name)),
        ...timeFact("budget", plan?.stages[i]?.leastEnergy?.budgetSeconds),
      ],
    })),
    edges: graph.edges,
    criticalPath: planned ?? longestPath(graph, latencies),
  };
}

/** Of a definition alone, of which nothing has run yet. */
export const pictureOfGraph = (title: string, graph: Graph): GraphPicture => ({
  title,
  subtitle: "as defined; the path with the most stages stands out",
  stages: graph.stages.map((stage) => ({ ...titleOf(stage), facts: callFacts(stage) })),
  edges: graph.edges,
  criticalPath: longestPath(graph, []),
});

const titleOf = ({ name }: Stage): Pick<PictureStage, "title"> => ({ title: name.split("/").at(-1) ?? name });

function callFacts({ function: called, repeats, visits }: Stage): readonly string[] {
  const times = [
    ...(repeats === 1 ? [] : [`${repeats} times`]),
    ...(visits === repeats ? [] : [`${Number(visits.toFixed(2))} a run on average`]),
  ];
  return [...(called === undefined || called === null ? [] : [called]), ...times];
}

const timeFact = (what: string, time: number | null | undefined): readonly string[] =>
  time === undefined || time === null ? [] : [`${what} ${formatSeconds(seconds(time))}`];

/** By latency; by the number of stages as long as one stage's latency is not known. */
function longestPath(
  { stages, edges }: Graph,
  latencies: readonly (number | null | undefined)[],
): readonly number[] {
  const known = stages.flatMap(({ repeats }, i) => {
    const latency = latencies[i];
    return typeof latency === "number" ? [latency * repeats] : [];
  });
  return criticalPath({ weights: known.length === stages.length ? known : stages.map(() => 1), edges });
}
