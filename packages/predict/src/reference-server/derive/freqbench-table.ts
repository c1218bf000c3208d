/**
 * Reader of freqbench's results as one table: CSV, one row for each cluster of cores of a system on chip and each of its clocks.
 *
 * Invariants (cited by the tests):
 *   T1  a table with a malformed row is refused as a whole, and every such row is named
 *   T2  a well-formed cluster whose powers cannot be (none above zero) is set aside with the reason, never repaired
 */
import { FrugalError } from "@frugal/core";

export interface ClusterStep {
  readonly hertz: number;
  /** One busy core's, the idle device's taken off. */
  readonly watts: number;
}

/** Cores with one clock. */
export interface Cluster {
  /** `system/first core`. */
  readonly name: string;
  /** Ascending in clock. */
  readonly steps: readonly ClusterStep[];
}

export interface FreqbenchTable {
  readonly clusters: readonly Cluster[];
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}

const MOST_PROBLEMS_SHOWN = 10;
const wanted = ["soc", "first_cpu_of_cluster", "freq_khz", "active_power_mw"] as const;

/** The clusters in `text`; an `invalid-request` error names the malformed lines (T1). */
export function parseFreqbenchTable(text: string): FreqbenchTable {
  const [head = "", ...lines] = text.replace(/\r?\n$/, "").split(/\r?\n/);
  const columns = head.split(",");
  const missing = wanted.filter((column) => !columns.includes(column));
  if (missing.length > 0) throw refusal([`line 1: the header lacks ${missing.join(", ")}`]);
  const places = wanted.map((column) => columns.indexOf(column));
  const problems: string[] = [];
  const byName = new Map<string, ClusterStep[]>();
  for (const [i, line] of lines.entries()) {
    const cells = line.split(",");
    const row =
      cells.length === columns.length ? parseRow(places.map((place) => cells[place] ?? "")) : undefined;
    if (row === undefined) {
      problems.push(
        `line ${i + 2}: not a name, a core, a clock in kHz and a power in mW: ${JSON.stringify(line)}`,
      );
      continue;
    }
    const steps = byName.get(row.name) ?? [];
    steps.push(row.step);
    byName.set(row.name, steps);
  }
  if (problems.length > 0) throw refusal(problems);
  return sorted(byName);
}

function parseRow(
  cells: readonly string[],
): { readonly name: string; readonly step: ClusterStep } | undefined {
  const [soc = "", core = "", clock = "", power = ""] = cells;
  const isRow =
    soc !== "" && /^\d+$/.test(core) && /^[1-9]\d*$/.test(clock) && /^-?\d+(\.\d+)?(e-?\d+)?$/.test(power);
  return isRow
    ? { name: `${soc}/${core}`, step: { hertz: Number(clock) * 1e3, watts: Number(power) / 1e3 } }
    : undefined;
}

function sorted(byName: ReadonlyMap<string, readonly ClusterStep[]>): FreqbenchTable {
  const clusters: Cluster[] = [];
  const leftOut: { name: string; why: string }[] = [];
  for (const [name, steps] of byName) {
    if (steps.every(({ watts }) => watts > 0)) {
      clusters.push({ name, steps: [...steps].sort((a, b) => a.hertz - b.hertz) });
    } else leftOut.push({ name, why: "a busy core draws no power at some clock" });
  }
  return { clusters, leftOut };
}

function refusal(problems: readonly string[]): FrugalError {
  const shown = problems.slice(0, MOST_PROBLEMS_SHOWN).map((problem) => `  ${problem}`);
  if (problems.length > shown.length) shown.push(`  and ${problems.length - shown.length} more`);
  return new FrugalError(
    "invalid-request",
    `This is not a usable table of freqbench results:\n${shown.join("\n")}\n` +
      `Use results/*/main/results.json of github.com/kdrag0n/freqbench, flattened to CSV with the columns ${wanted.join(", ")}`,
    { details: { problems } },
  );
}
