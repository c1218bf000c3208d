/**
 * The answer of the bench for people: a table for each cache, ratios, boot phases, concurrent starts, memory.
 */
import type { ConcurrentTable } from "../concurrent-starts.ts";
import type { MemoryTable } from "../memory/instance-memory.ts";
import type { PhaseTable } from "../phases/first-invocations.ts";
import { caches, type StartKind, startKinds } from "../start-plan.ts";
import type { Cell, StartTables } from "./cells.ts";
import type { LeftOut } from "./start-sample.ts";

interface StartDocument extends StartTables {
  readonly phases?: PhaseTable;
  readonly concurrent?: ConcurrentTable;
  readonly memory?: MemoryTable;
  readonly meanFaultsRemoved: number | null;
  readonly doesNotPay: readonly string[];
  readonly leftOut: readonly LeftOut[];
  readonly missing: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

export function startText(document: StartDocument): string {
  const {
    phases = {},
    concurrent = {},
    memory = {},
    meanFaultsRemoved,
    doesNotPay,
    leftOut,
    missing,
  } = document;
  const parts = [
    ...caches.map((cache) => cacheText(document, cache)),
    phasesText(phases),
    concurrentText(concurrent),
    memoryText(memory),
    meanFaultsRemoved === null
      ? ""
      : `Prefetching removes ${share(meanFaultsRemoved)} of the faults, on average\n`,
    doesNotPay.map((line) => `${line}\n`).join(""),
    Object.entries(missing)
      .map(([fn, lack]) => `left out: ${fn}: ${lack}\n`)
      .join(""),
    leftOutText(leftOut),
    document.notes.map((note) => `note: ${note}\n`).join(""),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function cacheText({ cells, ratios }: StartDocument, cache: (typeof caches)[number]): string {
  const rows = Object.entries(cells).flatMap(([fn, byCache]) => {
    const row = byCache[cache];
    const ratio = ratios[fn]?.[cache];
    if (row === undefined) return [];
    return [
      [
        fn,
        ...startKinds.map((kind) => timesOf(row[kind])),
        times(ratio?.prefetchVsLazy),
        times(ratio?.prefetchVsBoot),
        `${row.lazy?.faults ?? "-"} > ${row.prefetch?.faults ?? "-"}`,
        share(ratio?.faultsRemoved),
      ],
    ];
  });
  if (rows.length === 0) return "";
  const titles = ["", ...startKinds, "vs lazy", "vs boot", "faults", "removed"];
  return `${cache}: ms to the first correct answer, p50 (p95); prefetch beside lazy and boot\n${table([titles, ...rows])}`;
}

function phasesText(phases: PhaseTable): string {
  const rows = Object.entries(phases).map(([fn, { phase, boot, phaseVsBoot, otherStarts }]) => [
    fn,
    timesOf(phase),
    timesOf(boot),
    times(phaseVsBoot),
    String(otherStarts),
  ]);
  if (rows.length === 0) return "";
  const titles = ["", "phase", "boot", "vs boot", "other starts"];
  return `First invocation of a new function with known dependencies: ms, p50 (p95)\n${table([titles, ...rows])}`;
}

function concurrentText(concurrent: ConcurrentTable): string {
  const rows = Object.entries(concurrent).flatMap(([fn, byKind]) =>
    Object.entries(byKind).flatMap(([kind, cells]) =>
      Object.entries(cells).map(([count, cell]) => [
        fn,
        kind,
        count,
        cell.p50Ms?.toFixed(1) ?? "-",
        cell.p95Ms?.toFixed(1) ?? "-",
        cell.allMs.toFixed(0),
        String(cell.starts),
        String(cell.right),
      ]),
    ),
  );
  if (rows.length === 0) return "";
  const titles = ["", "", "at a time", "p50 ms", "p95 ms", "all ms", "started", "right"];
  return `Concurrent starts\n${table([titles, ...rows])}`;
}

function memoryText(memory: MemoryTable): string {
  const rows = Object.entries(memory).flatMap(([fn, byKind]) =>
    Object.entries(byKind).map(([kind, own]) => [
      fn,
      kind,
      own.privateDirtyMB.toFixed(1),
      own.proportionalMB.toFixed(1),
      own.residentMB.toFixed(1),
    ]),
  );
  if (rows.length === 0) return "";
  const titles = ["", "", "private dirty MB", "proportional MB", "resident MB"];
  return `Memory of one instance after its first answer\n${table([titles, ...rows])}`;
}

/** One line for each function and reason. */
function leftOutText(leftOut: readonly LeftOut[]): string {
  const kindsOf = new Map<string, StartKind[]>();
  for (const { function: fn, kind, reason } of leftOut) {
    const kinds = kindsOf.get(`${fn}: ${reason}`) ?? [];
    kindsOf.set(`${fn}: ${reason}`, [...kinds, kind]);
  }
  return [...kindsOf].map(([line, kinds]) => `left out: ${kinds.join(", ")} of ${line}\n`).join("");
}

const timesOf = (cell: Pick<Cell, "p50Ms" | "p95Ms"> | null | undefined): string =>
  cell == null ? "-" : `${cell.p50Ms.toFixed(1)} (${cell.p95Ms.toFixed(1)})`;
const times = (ratio: number | null | undefined): string => (ratio == null ? "-" : `${ratio.toFixed(2)}x`);
const share = (part: number | null | undefined): string =>
  part == null ? "-" : `${(part * 100).toFixed(1)} %`;

/** Columns as wide as their widest cell, the first one to the left. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ");
  return rows.map((row) => `${line(row).trimEnd()}\n`).join("");
}
