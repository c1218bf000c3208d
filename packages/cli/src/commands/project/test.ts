import { checkoutFolder } from "../../checkout.ts";
import { command } from "../../command.ts";
import { list } from "../../flags.ts";
import { prepareHost } from "../../setup/prepare-host.ts";
import { runVitest } from "../../test-run/run-vitest.ts";
import { judgeReport, summaryLine, type TestReport } from "../../test-run/test-report.ts";
import type { Colours } from "../../terminal/terminal.ts";

export const test = command({
  name: "test",
  summary: "run Frugal's own tests",
  description:
    'Sets the host up where something is missing, runs the tests and ends with one line "N passed, N failed". Everything but --json goes to vitest: parts of file names, -t for titles. With CI set, a skipped test is a failure, unless its title ends in "(needs shared data)".',
  flags: {},
  arguments: { filters: list("FILTER", "parts of the names of test files, and flags of vitest") },
  passesUnknownFlags: true,
  examples: [
    { line: "frugal test", meaning: "all of them" },
    { line: "frugal test packages/cli", meaning: "one folder" },
    { line: 'frugal test packages/core -t "units"', meaning: "by title" },
  ],
  run: async ({ filters }, { terminal, environment, json }) => {
    await prepareHost(terminal, environment);
    const { exitCode, report } = await runVitest({
      given: filters,
      folder: checkoutFolder,
      environment: terminal.outColours.isColorSupported ? environment : { ...environment, NO_COLOR: "1" },
      progress: json ? "stderr" : "stdout",
    });
    const judged = judgeReport(report, {
      isCi: (environment["CI"] ?? "") !== "" && environment["CI"] !== "false",
      isSelection: filters.some((word) => word === "-t" || word.startsWith("--testNamePattern")),
      exitCode,
      folder: checkoutFolder,
    });
    return {
      kind: "answer",
      document: judged,
      text: testText(judged, terminal.outColours),
      exitCode: judged.failed > 0 ? 1 : 0,
    };
  },
});

/** The last line stays plain: scripts read it. */
function testText(report: TestReport, colours: Colours): string {
  const failures = report.failures.map((line) => `${colours.red("failed")} ${line}\n`).join("");
  return `${failures}${summaryLine(report)}\n`;
}
