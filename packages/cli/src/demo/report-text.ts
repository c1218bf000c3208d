/**
 * The demo's report for people.
 */
import { joules, seconds } from "@frugal/core";
import { counted, formatJoules, formatSeconds } from "../terminal/format.ts";
import { type Column, renderTable, wrapped } from "../terminal/table.ts";
import type { Colours } from "../terminal/terminal.ts";
import type { DemoFunctionReport, DemoReport } from "./demo-report.ts";

const columns: readonly Column[] = [
  { title: "FUNCTION", shrinks: true },
  { title: "TRACE", goes: 1 },
  { title: "CALLS", align: "right" },
  { title: "COLD", align: "right" },
  { title: "START (UNIT+RESTORE+RUNTIME+INIT)", goes: 2 },
  { title: "P50", align: "right" },
  { title: "P95", align: "right", goes: 3 },
  { title: "P99", align: "right" },
  { title: "BAD", align: "right" },
  { title: "CPU", align: "right" },
  { title: "ENERGY", align: "right" },
];

export function reportText(report: DemoReport, colours: Colours, width: number): string {
  const { bold, dim, red, green } = colours;
  const bad = report.errors + report.wrongOutputs;
  const verdict =
    bad === 0
      ? green(`${counted(report.invocations, "invocation")}, every output right`)
      : red(
          `${counted(report.invocations, "invocation")}, ${report.errors} failed, ${report.wrongOutputs} wrong outputs`,
        );
  return [
    `${bold(`Ten functions under ${report.minutes} minutes of real arrivals`)}, in ${Math.round(report.seconds)} s\n`,
    dim(wrapped(`Arrivals: ${report.attribution ?? report.trace}`, width, "")),
    `${verdict}${shareText(report.scale)}; ${counted(report.coldStarts, "cold start")}; instances ${report.isolation}\n\n`,
    renderTable(columns, report.functions.map(row), width),
    "\n",
    energyText(report, colours, width),
    ...report.functions.flatMap(({ name, firstProblem }) =>
      firstProblem === undefined ? [] : [`${red(name)}: ${firstProblem}\n`],
    ),
    ...report.limitations.map((limitation) => `${dim("note:")} ${limitation}\n`),
    "\n",
    nextText(colours),
  ].join("");
}

/** Said only where the load is not the trace's own. */
const shareText = (scale: number): string =>
  scale === 1 ? "" : ` (${Number((scale * 100).toPrecision(3))} % of the trace's)`;

function row(fn: DemoFunctionReport): string[] {
  const { p50, p95, p99 } = fn.latencySeconds;
  return [
    fn.name,
    fn.origin,
    String(fn.invocations),
    String(fn.coldStarts),
    phasesText(fn),
    ...[p50, p95, p99].map((time) => (fn.invocations === 0 ? "-" : formatSeconds(seconds(time)))),
    String(fn.errors + fn.wrongOutputs),
    formatSeconds(seconds(fn.cpuSeconds)),
    fn.joules === null ? "-" : formatJoules(joules(fn.joules)),
  ];
}

function phasesText({ startPhasesSeconds: phases }: DemoFunctionReport): string {
  if (phases === null) return "-";
  const whole = seconds(phases.unit + phases.restore + phases.runtime + phases.init);
  const parts = [phases.unit, phases.restore, phases.runtime, phases.init].map((part) =>
    Math.round(part * 1000),
  );
  return `${formatSeconds(whole)} (${parts.join("+")})`;
}

function energyText({ energy }: DemoReport, { bold, dim }: Colours, width: number): string {
  if ("unavailable" in energy) return `Energy unavailable: ${energy.unavailable}\n`;
  const shown = (amount: number): string => formatJoules(joules(amount));
  const share = Math.round((energy.idleJoules / energy.joules) * 100);
  return [
    `${bold("Machine")}  ${shown(energy.joules)} in ${formatSeconds(seconds(energy.seconds))}, `,
    `${energy.averageWatts.toFixed(1)} W on average (${energy.quality}, ${energy.source})\n`,
    `  functions   ${shown(energy.joules - energy.idleJoules)}\n`,
    `  idle share  ${shown(energy.idleJoules)} (${share} %): static ${shown(energy.staticJoules)}, `,
    `other processes ${shown(energy.otherProcessesJoules)}\n`,
    dim(wrapped(energy.detail, width, "  ")),
  ].join("");
}

const nextText = ({ dim }: Colours): string =>
  dim(
    [
      "Next: ./frugal up                  a platform that stays",
      "      ./frugal deploy functions    the same ten functions on it",
      "      ./frugal demo --trace FILE   arrivals of your own (Azure 2019 format)",
      "      ./frugal doctor              what this host can measure and control\n",
    ].join("\n"),
  );
