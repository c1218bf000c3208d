/**
 * A calibration for people: what was run, how far off the models are of it, and what to do with them.
 */
import type { Ratio } from "@frugal/core";
import { type FitReport, regressorNames } from "@frugal/predict";
import { counted } from "../terminal/format.ts";
import { renderTable } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Calibration } from "./calibrate.ts";

export function calibrationText(calibration: Calibration, { width }: Terminal): string {
  if (calibration.kind === "unavailable") {
    return `This machine cannot be calibrated:\n${calibration.missing.map((line) => `  ${line}\n`).join("")}See what it offers: frugal doctor\n`;
  }
  const { settings, executions, leftOut, withPower, report, output } = calibration;
  const measured = withPower === 0 ? "none with measured power" : `${withPower} with measured power`;
  const without = leftOut === 0 ? "" : `; ${leftOut} not counted (cold, or longer than the clocks were held)`;
  return [
    `${counted(executions, "execution")} at ${counted(settings, "pair")} of clocks, ${measured}${without}\n`,
    "\nError of latency, of executions that were not fitted (mean of the absolute percentage errors):\n",
    errorTable(report, width),
    report.best === undefined ? "" : `\nLeast error: ${report.best}\n`,
    ...report.statements.map((statement) => `${statement}\n`),
    `wrote ${output}\n`,
  ].join("");
}

/** By payloads that were not fitted, or by functions, where a function has one payload only. */
function errorTable({ functions, latency, online }: FitReport, width: number): string {
  const columns = [
    { title: "FUNCTION", shrinks: true },
    ...["runs", ...regressorNames, "online"].map((title) => ({
      title: title.toUpperCase(),
      align: "right" as const,
    })),
  ];
  const cellsOf = (errors: FitReport["latency"]): readonly string[] =>
    regressorNames.map((name) => percent(errors[name].payloadOut ?? errors[name].functionOut));
  const rows = functions.map((each) => [
    each.key,
    String(each.executions),
    ...cellsOf(each.latency),
    percent(each.online),
  ]);
  return renderTable(columns, [...rows, ["mean", "", ...cellsOf(latency), percent(online)]], width);
}

const percent = (error: Ratio | undefined): string =>
  error === undefined ? "-" : `${(100 * error).toFixed(1)} %`;
