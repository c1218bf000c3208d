/**
 * The budgets of a workflow's stages for people: what the deadline leaves, the paths, and both ways of making budgets.
 */
import { hertz, joules, seconds } from "@frugal/core";
import type { PlanChoiceView, PlanMethodView, PlanView } from "../client/plan-schema.ts";
import { formatHertz, formatJoules, formatSeconds, formatSlack } from "../terminal/format.ts";
import { alignedPairs, renderTable } from "../terminal/table.ts";

const pathColumns = [
  { title: "PATH", shrinks: true },
  { title: "SHORTEST", align: "right" },
  { title: "FIT", align: "right" },
  { title: "LEAST ENERGY", align: "right" },
] as const;

const stageColumns = [
  { title: "STAGE", shrinks: true },
  { title: "FUNCTION", shrinks: true, goes: 1 },
  { title: "REPEATS", align: "right", goes: 2 },
  { title: "REACHABLE", align: "right", goes: 3 },
  { title: "FIT", align: "right" },
  { title: "EXPECTED", align: "right", goes: 4 },
  { title: "CLOCKS" },
  { title: "ENERGY", align: "right", goes: 5 },
  { title: "LEAST ENERGY", align: "right" },
  { title: "EXPECTED", align: "right" },
  { title: "CLOCKS" },
  { title: "ENERGY", align: "right" },
] as const;

export function planText(plan: PlanView, width: number): string {
  if (plan.deadlineSeconds === null)
    return `${plan.workflow} has no deadline, so its stages are not paced\nGive it one: deadline in the metadata of its document\n`;
  const stages = renderTable(stageColumns, plan.stages.map(stageRow), width);
  return `${alignedPairs(factsOf(plan))}${missingText(plan)}${pathsText(plan, width)}\n${stages}${legendOf(plan)}`;
}

function factsOf(plan: PlanView): readonly (readonly [string, string])[] {
  const { smallestDeadlineSeconds, grid, methods, energyQuality } = plan;
  const { leastEnergy } = methods;
  const proof = leastEnergy?.isOptimal === true ? ", the least there is" : ", perhaps not the least";
  return [
    ["workflow", plan.workflow],
    ["deadline", deadlineText(plan)],
    [
      "smallest",
      smallestDeadlineSeconds === null
        ? "not known yet"
        : `${timeText(smallestDeadlineSeconds)} could be kept`,
    ],
    ["clocks", `core ${rangeText(grid.coreHertz)}, uncore ${rangeText(grid.uncoreHertz)}`],
    ["fit", methodText(methods.fit, energyQuality)],
    ["least energy", methodText(leastEnergy, `${energyQuality}${proof}`)],
  ];
}

const missingText = ({ missing }: PlanView): string =>
  missing.length === 0
    ? ""
    : `\nNothing is known yet of ${missing.join(", ")}: run the workflow, and ask again.\n`;

function pathsText(plan: PlanView, width: number): string {
  if (plan.paths.length === 0) return "";
  const rows = plan.paths.map((path) => [
    `${path.stages.map((index) => nameOf(plan, index)).join(" > ")}${path.isCritical ? " *" : ""}`,
    timeText(path.minimalSeconds),
    timeText(path.fitSeconds),
    timeText(path.leastEnergySeconds),
  ]);
  return `\n${renderTable(pathColumns, rows, width)}* is the critical path\n`;
}

const legendOf = ({ known }: PlanView): string =>
  known ? "FIT, LEAST ENERGY: the budget of a stage. EXPECTED: what it takes at the clocks beside it\n" : "";

type PlanStage = PlanView["stages"][number];

const stageRow = (stage: PlanStage): readonly string[] => [
  lastOf(stage.task),
  stage.function ?? "-",
  String(stage.repeats),
  stage.minimalSeconds === null
    ? "-"
    : `${timeText(stage.minimalSeconds)} to ${timeText(stage.maximalSeconds)}`,
  ...choiceCells(stage.fit),
  ...choiceCells(stage.leastEnergy),
];

const choiceCells = (choice: PlanChoiceView): readonly string[] =>
  choice === null
    ? ["-", "-", "-", "-"]
    : [
        timeText(choice.budgetSeconds),
        timeText(choice.expectedSeconds),
        clocksText(choice),
        formatJoules(joules(choice.joules)),
      ];

function clocksText({ coreHertz, uncoreHertz }: NonNullable<PlanChoiceView>): string {
  if (coreHertz === null && uncoreHertz === null) return "-";
  return [coreHertz, uncoreHertz]
    .map((clock) => (clock === null ? "-" : formatHertz(hertz(clock)).replace(/ GHz$/, "")))
    .join("/")
    .concat(" GHz");
}

function deadlineText({ deadlineSeconds, effectiveDeadlineSeconds, quantile }: PlanView): string {
  const share = quantile === null ? "" : ` for ${Number((quantile * 100).toFixed(2))} % of the runs`;
  const rest =
    effectiveDeadlineSeconds === null
      ? ""
      : `, which leaves ${timeText(effectiveDeadlineSeconds)} for the sum of budgets`;
  return `${timeText(deadlineSeconds)}${share}${rest}`;
}

/** Sums of budgets are exact to far less than this. */
const NOTHING_SECONDS = 1e-9;

function methodText(method: PlanMethodView, quality: string): string {
  if (method === null) return "not known yet";
  if (typeof method.infeasible === "number")
    return `cannot be kept: the smallest deadline is ${timeText(method.infeasible)}`;
  const slack = Number(method.slackSeconds);
  const left = Math.abs(slack) < NOTHING_SECONDS ? "nothing" : formatSlack(seconds(slack));
  return `${formatJoules(joules(Number(method.joules)))} ${quality}; ${left} left over`;
}

const rangeText = (clocks: readonly number[]): string => {
  const [lowest] = clocks;
  const highest = clocks.at(-1);
  if (lowest === undefined || highest === undefined) return "cannot be set";
  if (lowest === highest) return formatHertz(hertz(lowest));
  return `${formatHertz(hertz(lowest))} to ${formatHertz(hertz(highest))}`;
};

const timeText = (time: number | null): string => (time === null ? "-" : formatSeconds(seconds(time)));
const nameOf = (plan: PlanView, index: number): string => lastOf(plan.stages[index]?.task ?? String(index));
const lastOf = (task: string): string => task.split("/").at(-1) ?? task;
