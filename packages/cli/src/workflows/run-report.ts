/**
 * A run of a workflow for people: how it went as a whole, and stage by stage.
 */
import { hertz, joules, seconds } from "@frugal/core";
import type {
  FaultView,
  RunEnergyView,
  RunSummaryView,
  RunView,
  StageRunView,
} from "../client/workflow-schemas.ts";
import { formatHertz, formatJoules, formatSeconds, formatSlack } from "../terminal/format.ts";
import { alignedPairs, printable, renderTable } from "../terminal/table.ts";

const OUTPUT_LINES = 3;

const columns = [
  { title: "STAGE", shrinks: true },
  { title: "FUNCTION", shrinks: true, goes: 1 },
  { title: "LATENCY", align: "right" },
  { title: "WAITED", align: "right", goes: 2 },
  { title: "BUDGET", align: "right" },
  { title: "SLACK", align: "right" },
  { title: "CORE/UNCORE" },
  { title: "ENERGY" },
  { title: "START", goes: 3 },
  { title: "ERROR", shrinks: true },
] as const;

export function runText(run: RunView, width: number): string {
  const facts = [
    ["run", run.id],
    ["workflow", `${run.workflow} version ${run.version}`],
    ["status", statusText(run)],
    ["deadline", deadlineText(run)],
    ["energy", energyText(run.energy)],
    ...(run.fault === null ? [] : [["fault", faultText(run.fault)] as const]),
    ...(run.status === "completed" ? [["output", outputText(run.output, width)] as const] : []),
  ] as const;
  if (run.stages.length === 0) return alignedPairs(facts);
  const hasErrors = run.stages.some(({ error }) => error !== null && error !== undefined);
  const shown = hasErrors ? columns : columns.slice(0, -1);
  return `${alignedPairs(facts)}\n${renderTable(shown, run.stages.map(stageRow), width)}`;
}

/** On a terminal its beginning: the stages below would be scrolled away. */
function outputText(output: unknown, width: number): string {
  const whole = JSON.stringify(output);
  if (!Number.isFinite(width)) return whole;
  const shown = printable(whole).slice(0, width * OUTPUT_LINES);
  return shown.length < whole.length ? `${shown}… (${whole.length} characters; --json has all)` : shown;
}

export const statusText = ({ status, latencySeconds }: RunSummaryView): string => {
  if (latencySeconds === null) return status;
  const time = formatSeconds(seconds(latencySeconds));
  return status === "running" ? `running for ${time}` : `${status} in ${time}`;
};

export function deadlineText({ deadlineSeconds, slackSeconds }: RunSummaryView): string {
  if (deadlineSeconds === null) return "none";
  const deadline = formatSeconds(seconds(deadlineSeconds));
  if (slackSeconds === null) return deadline;
  const slack = formatSeconds(seconds(Math.abs(slackSeconds)));
  return `${deadline}, ${slackSeconds < 0 ? `missed by ${slack}` : `${slack} in hand`}`;
}

function faultText({ status, title, detail, instance, type }: FaultView): string {
  const what = [title, detail].filter((part) => part !== undefined).join(": ");
  const where = instance === undefined ? "" : ` at ${instance}`;
  return printable(`${status} ${what === "" ? type : `${what} (${type})`}${where}`);
}

const energyText = (energy: RunEnergyView): string =>
  typeof energy.joules === "number"
    ? `${formatJoules(joules(energy.joules))} ${String(energy.quality)}`
    : `unavailable: ${printable(String(energy.unavailable))}`;

function stageRow(stage: StageRunView): readonly string[] {
  return [
    stage.name,
    stage.function ?? stage.kind,
    timeText(stage.latencySeconds),
    timeText(stage.waitSeconds),
    timeText(stage.budgetSeconds),
    stage.slackSeconds === null ? "-" : formatSlack(seconds(stage.slackSeconds)),
    clocksText(stage),
    typeof stage.energy.joules === "number" ? energyText(stage.energy) : "unavailable",
    stage.startKind ?? "-",
    errorText(stage.error),
  ];
}

const timeText = (time: number | null): string => (time === null ? "-" : formatSeconds(seconds(time)));

function clocksText({ coreHertz, uncoreHertz, clocks }: StageRunView): string {
  if (coreHertz === null && uncoreHertz === null) return clocks === "set" ? "-" : clocks;
  const shown = [coreHertz, uncoreHertz].map((clock) =>
    clock === null ? "-" : formatHertz(hertz(clock)).replace(/ GHz$/, ""),
  );
  return `${shown.join("/")} GHz${clocks === "set" ? "" : ` ${clocks}`}`;
}

function errorText(error: unknown): string {
  if (error === null || error === undefined) return "";
  if (typeof error === "string") return error;
  const { title, detail, errorMessage, message } = error as Readonly<Record<string, unknown>>;
  const parts = [title, detail, errorMessage, message].filter((part) => typeof part === "string");
  return parts.length > 0 ? parts.join(": ") : JSON.stringify(error);
}
