import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { bytes, FrugalError, messageOf, seconds } from "@frugal/core";
import { connectionFlags, withClient } from "../../client/connection.ts";
import type { SnapshotDetailsView } from "../../client/snapshot-schemas.ts";
import { command } from "../../command.ts";
import { required, text } from "../../flags.ts";
import { pageMapSvg } from "../../snapshot/page-map.ts";
import { formatBytes, formatSeconds } from "../../terminal/format.ts";
import { alignedPairs, renderTable } from "../../terminal/table.ts";

const PAGE = 4096;

export const inspectSnapshot = command({
  name: "inspect",
  summary: "show what a snapshot holds and how starts from it went",
  description:
    "Its image, the working set that is installed before an instance runs, how much of that every recorded invocation needed, what of mapped files is read ahead, and the last starts with the page faults that remained.",
  flags: { svg: text("FILE", "write a picture of its memory there"), ...connectionFlags },
  arguments: { id: required(text("ID", "the snapshot")) },
  examples: [
    { line: "frugal snapshot inspect 5f0c1d", meaning: "in words" },
    { line: "frugal snapshot inspect 5f0c1d --svg pages.svg", meaning: "and page by page" },
  ],
  run: ({ id, svg, ...input }, context) =>
    withClient(input, context, async (client) => {
      const details = await client.snapshot(id);
      const file = svg === undefined ? undefined : resolve(context.workingDirectory, svg);
      if (file !== undefined) await writePicture(file, details);
      const words = detailsText(details, context.terminal.width);
      return {
        kind: "answer",
        document: file === undefined ? details : { ...details, svg: file },
        text: file === undefined ? words : `${words}\nwrote ${file}\n`,
      };
    }),
});

async function writePicture(file: string, details: SnapshotDetailsView): Promise<void> {
  try {
    await writeFile(file, pageMapSvg(details));
  } catch (cause) {
    throw new FrugalError("invalid-request", `--svg: ${file} cannot be written: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function detailsText(details: SnapshotDetailsView, width: number): string {
  const facts = [
    ["id", details.id],
    ["kind", details.kind],
    ["functions", details.functions.join(", ")],
    ["runtime", details.runtime],
    ["created", `${details.createdAt}, written in ${formatSeconds(seconds(details.dumpSeconds))}`],
    ["folder", details.folder],
    ["image", `${pagesText(details.pages)}; ${formatBytes(bytes(details.sizeBytes))} on disk`],
    ...workingSetFacts(details),
    [
      "mapped files",
      `${formatBytes(bytes(details.fileRanges.bytes))} read ahead in ${details.fileRanges.ranges} ranges`,
    ],
    ["starts", String(details.starts)],
  ] as const;
  return alignedPairs(facts) + restoresText(details, width);
}

function workingSetFacts({ workingSet: set, pages }: SnapshotDetailsView): (readonly [string, string])[] {
  if (set === null) return [["working set", "not recorded yet"]];
  const share = pages === 0 ? "" : `, ${percent((set.pages - set.zeroPages) / pages)} of the image`;
  return [
    ["working set", `${pagesText(set.pages)} in ${set.extents} extents, ${set.zeroPages} of zeros${share}`],
    [
      "stable",
      set.stableShare === null || set.recordings < 2
        ? "not known before a second recording"
        : `${percent(set.stableShare)} of the recorded pages were touched in each of ${set.recordings} recordings`,
    ],
    [
      "misses",
      set.lastMisses === null
        ? "none seen yet"
        : `${set.lastMisses} in the last of ${set.restores} restores${meanText(set.meanMisses)}`,
    ],
  ];
}

const meanText = (mean: number | null): string => (mean === null ? "" : `, ${mean.toFixed(1)} on average`);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const pagesText = (pages: number): string => `${pages} pages (${formatBytes(bytes(pages * PAGE))})`;

function restoresText({ lastRestores }: SnapshotDetailsView, width: number): string {
  if (lastRestores.length === 0) return "";
  const rows = lastRestores.map((one) => [
    one.kind,
    one.isPooled ? "yes" : "no",
    formatSeconds(seconds(one.latencySeconds)),
    one.faults === null ? "-" : String(one.faults),
    String(one.prefetchedPages),
  ]);
  const columns = [
    { title: "LAST STARTS" },
    { title: "POOLED" },
    { title: "LATENCY", align: "right" },
    { title: "FAULTS", align: "right" },
    { title: "INSTALLED AHEAD", align: "right" },
  ] as const;
  return `\n${renderTable(columns, rows, width)}`;
}
