import type { HostFact } from "@frugal/machine";
import { command } from "../../command.ts";
import { dataDirectoryOf, isRoot } from "../../data-directory.ts";
import { text } from "../../flags.ts";
import type { Colours, Terminal } from "../../terminal/terminal.ts";
import { renderTable } from "../../terminal/table.ts";

export const doctor = command({
  name: "doctor",
  summary: "show what this host offers, and what Frugal does without the rest",
  description:
    "Looks at the kernel, sensors and programs of this host, and at the data directory where there is one. Changes nothing; missing things are no error.",
  flags: { data: text("DIR", "data directory to look at (or FRUGAL_DATA)") },
  arguments: {},
  examples: [{ line: "frugal doctor", meaning: "the whole table" }],
  run: async ({ data }, { terminal, environment, workingDirectory }) => {
    const { hostFacts } = await import("@frugal/machine");
    const { criuFact } = await import("../../doctor/criu-fact.ts");
    const { nativeProgramsFact } = await import("../../doctor/native-programs-fact.ts");
    const { dataDirectoryProblems } = await import("../../doctor/data-directory-problems.ts");
    const facts = [...hostFacts(), await nativeProgramsFact(), await criuFact()];
    const folder = dataDirectoryOf({ data, environment, workingDirectory, isRoot: isRoot() });
    const problems = await dataDirectoryProblems(folder);
    return {
      kind: "answer",
      document: { facts, dataDirectory: { folder, problems } },
      text: `${factsText(facts, terminal)}${problemsText(problems, terminal.outColours)}`,
    };
  },
});

function factsText(facts: readonly HostFact[], { outColours, width }: Terminal): string {
  const { green, yellow } = outColours;
  const columns = [
    { title: "", paint: (mark: string) => (mark.startsWith("✓") ? green(mark) : yellow(mark)) },
    { title: "HOST" },
    { title: "FOUND", shrinks: true },
  ];
  const rows = facts.map(({ available, name, found }) => [available ? "✓" : "✗", name, found]);
  const missing = facts
    .filter(({ available }) => !available)
    .map(({ name, without, remedy }) =>
      [`\n${yellow(name)}: ${without}`, ...(remedy === undefined ? [] : [`  ${remedy}`])].join("\n"),
    );
  return `${renderTable(columns, rows, width)}${missing.map((lines) => `${lines}\n`).join("")}`;
}

const problemsText = (problems: readonly string[], { red }: Colours): string =>
  problems.map((problem) => `\n${red("data directory:")} ${problem}\n`).join("");
