import { joules, seconds } from "@frugal/core";
import { connectionFlags, withClient } from "../../client/connection.ts";
import type { PlatformClient } from "../../client/platform-client.ts";
import { energyReading } from "../../client/schemas.ts";
import { command } from "../../command.ts";
import { formatEnergy, formatJoules, formatSeconds } from "../../terminal/format.ts";
import { renderTable, wrapped } from "../../terminal/table.ts";

export const status = command({
  name: "status",
  summary: "show the platform's energy and its functions at work",
  description:
    "The machine's energy since the platform started, split into what functions caused and the rest, and for each function its instances, invocations and joules.",
  flags: connectionFlags,
  arguments: {},
  examples: [
    { line: "frugal status", meaning: "the platform of this machine" },
    { line: "frugal status --endpoint http://10.0.0.5:8787", meaning: "another one" },
  ],
  run: (input, context) =>
    withClient(input, context, async (client) => {
      const [energy, statistics] = await Promise.all([client.energy(), client.statistics()]);
      const text = [
        `platform at ${client.url}\n`,
        energyText(energy, context.terminal.width),
        queueText(statistics),
        functionsText(statistics, context.terminal.width),
      ].join("");
      return { kind: "answer", document: { url: client.url, energy, ...statistics }, text };
    }),
});

type Energy = Awaited<ReturnType<PlatformClient["energy"]>>;
type Statistics = Awaited<ReturnType<PlatformClient["statistics"]>>;

function energyText({ total, idle, functionsJoules }: Energy, width: number): string {
  if (total.kind === "unavailable") return `${formatEnergy(energyReading(total))}\n`;
  const over = formatSeconds(seconds(total.intervalSeconds));
  return [
    `energy     ${formatEnergy(energyReading(total))} in ${over}`,
    `functions  ${formatJoules(joules(functionsJoules))}`,
    `idle       ${formatJoules(joules(idle.joules))}: ${formatJoules(joules(idle.staticJoules))} static, ${formatJoules(joules(idle.otherProcessesJoules))} other processes`,
    `read from  ${wrapped(total.detail, width, " ".repeat(11)).trim()}`,
    "",
  ].join("\n");
}

function queueText({ asyncQueue, droppedLogRecords }: Statistics): string {
  const { queued, running } = asyncQueue;
  const queue = queued + running > 0 ? `queue      ${queued} queued, ${running} running\n` : "";
  return droppedLogRecords > 0 ? `${queue}logs       ${droppedLogRecords} records were lost\n` : queue;
}

function functionsText({ functions }: Statistics, width: number): string {
  if (functions.length === 0) return "no function is deployed\n";
  const columns = [
    { title: "NAME", shrinks: true },
    { title: "BUSY", align: "right" },
    { title: "IDLE", align: "right" },
    { title: "WAITING", align: "right", goes: 3 },
    { title: "INVOCATIONS", align: "right" },
    { title: "ERRORS", align: "right" },
    { title: "REFUSED", align: "right", goes: 2 },
    { title: "COLD", align: "right" },
    { title: "CPU", align: "right", goes: 1 },
    { title: "ENERGY" },
  ] as const;
  const rows = functions.map((one) => [
    one.name,
    String(one.instances.busy),
    String(one.instances.idle),
    String(one.waiting),
    String(one.invocations),
    String(one.errors),
    String(one.refused),
    String(one.coldStarts),
    formatSeconds(seconds(one.cpuSeconds)),
    formatEnergy(energyReading(one.energy)),
  ]);
  return `\n${renderTable(columns, rows, width)}`;
}
