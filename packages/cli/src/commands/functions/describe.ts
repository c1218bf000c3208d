import { seconds } from "@frugal/core";
import { z } from "zod";
import { connectionFlags, withClient } from "../../client/connection.ts";
import { type DeployedView, energyReading } from "../../client/schemas.ts";
import { command } from "../../command.ts";
import { required, text } from "../../flags.ts";
import { counted, formatEnergy, formatSeconds } from "../../terminal/format.ts";
import { alignedPairs, printable } from "../../terminal/table.ts";

export const describeFunction = command({
  name: "describe",
  summary: "show a function's settings and statistics",
  description:
    "Every setting of the function, and what its instances and invocations add up to since the platform started. Values of environment variables are shown with --json only.",
  flags: connectionFlags,
  arguments: { name: required(text("NAME", "the function")) },
  examples: [{ line: "frugal describe resize", meaning: "settings and statistics of one function" }],
  run: ({ name, ...input }, context) =>
    withClient(input, context, async (client) => {
      const deployed = await client.function(name);
      return { kind: "answer", document: deployed, text: descriptionText(deployed) };
    }),
});

function descriptionText({ function: settings, statistics }: DeployedView): string {
  const rows = Object.entries(settings).map(([name, value]) => [name, shownSetting(name, value)] as const);
  if (statistics === null) {
    return `${alignedPairs(rows)}\nThe platform could not take this function up at its start; see its output for why.\n`;
  }
  const { instances } = statistics;
  const counts = [
    ["instances", `${instances.busy} busy, ${instances.idle} idle, ${instances.starting} starting`],
    ["waiting", String(statistics.waiting)],
    ["invocations", String(statistics.invocations)],
    ["errors", String(statistics.errors)],
    ["refused", String(statistics.refused)],
    ["cold starts", String(statistics.coldStarts)],
    ["cpu time", formatSeconds(seconds(statistics.cpuSeconds))],
    ["energy", formatEnergy(energyReading(statistics.energy))],
  ] as const;
  return `${alignedPairs(rows)}\nsince the platform started\n${alignedPairs(counts)}`;
}

/** Environments hold passwords, and payloads may: what is read over a shoulder has names and numbers only. */
function shownSetting(name: string, value: unknown): string {
  if (name === "environment" && typeof value === "object" && value !== null)
    return Object.keys(value).join(", ");
  if (name === "network") return networkText(value);
  if (name === "warmUp") return warmUpText(value);
  if (name === "work") return workText(value);
  if (value === null) return "none";
  if (Array.isArray(value)) return value.map(String).join(", ");
  return typeof value === "string" ? printable(value) : JSON.stringify(value);
}

function networkText(value: unknown): string {
  const network = networkSchema.safeParse(value);
  if (!network.success) return JSON.stringify(value);
  const { kind, allow = [] } = network.data;
  if (kind === "none") return "none";
  return ["the public internet", ...allow].join(", ");
}

function warmUpText(value: unknown): string {
  const warmUp = warmUpSchema.safeParse(value);
  if (!warmUp.success) return JSON.stringify(value);
  const { count, payloads } = warmUp.data;
  const source = payloads === null ? "those of its first" : `${payloads.length} of its own`;
  return count === 0 ? "none" : `${counted(count, "invocation")}; payloads: ${source}`;
}

function workText(value: unknown): string {
  const work = workSchema.safeParse(value);
  if (!work.success) return JSON.stringify(value);
  const { size, hyperparameters } = work.data;
  const variants = hyperparameters.length === 0 ? "" : `, apart by ${hyperparameters.join(", ")}`;
  return `by ${size ?? "the payload's bytes"}${variants}`;
}

const workSchema = z.object({ size: z.string().nullable(), hyperparameters: z.array(z.string()) });
const warmUpSchema = z.object({ count: z.number(), payloads: z.array(z.unknown()).nullable() });
const networkSchema = z.object({ kind: z.enum(["none", "egress"]), allow: z.array(z.string()).optional() });
