/**
 * Which clocks a calibration visits: a few of each kind, from the lowest to the highest, in every pair.
 */
import { type ClockGrid, type ClockSetting, gridSetting, gridSize, type Hertz, hertz } from "@frugal/core";
import type { ClocksWish, DomainClock } from "../client/node-client.ts";
import type { ClockKindView, NodeView } from "../client/node-schemas.ts";

/** What a machine's clocks can be set to, all domains of a kind alike. */
export interface NodeClocks {
  readonly grid: ClockGrid;
  /** The domains with their clocks at a setting, as the platform is asked for them. */
  readonly wishFor: (setting: ClockSetting) => ClocksWish;
}

/** Whose clocks the platform chooses among where the machine has none that can be set: the reference server's. */
const STAND_IN = "reference";

/** One sentence for each thing that keeps the machine from being calibrated; empty where nothing does. */
export function whatIsMissing({ clocks }: NodeView): readonly string[] {
  const { mode, core } = clocks;
  if (mode === "off") return ["The platform leaves clocks alone; start it with: frugal up --clocks on"];
  if (!core.available) return [`Core clocks: ${core.reason ?? "there are none to set"}`];
  if (core.driver === STAND_IN)
    return [
      "Core clocks: the machine has none that can be set (no cpufreq); the platform goes by a reference server's",
    ];
  if (mode === "dry-run")
    return ["The platform notes what it would set, and sets nothing; start it with: frugal up --clocks on"];
  return commonSteps(core).length < 2 ? ["Core clocks: there is only one to choose"] : [];
}

export function nodeClocks({ clocks }: NodeView): NodeClocks {
  const { core, uncore } = clocks;
  return {
    grid: { core: commonSteps(core), uncore: commonSteps(uncore) },
    wishFor: (setting) => ({
      core: domainsAt(core, setting.core),
      uncore: setting.uncore === undefined ? [] : domainsAt(uncore, setting.uncore),
    }),
  };
}

/** Steps that all domains have. */
function commonSteps(kind: ClockKindView): readonly Hertz[] {
  if (!kind.available) return [];
  const [first, ...rest] = kind.domains;
  const steps = first?.stepsHertz ?? [];
  return steps.filter((step) => rest.every((domain) => domain.stepsHertz.includes(step))).map(hertz);
}

const domainsAt = (kind: ClockKindView, clock: Hertz): readonly DomainClock[] =>
  kind.domains.map(({ id }) => ({ domain: id, hertz: clock }));

/** Pairs of `cores` core clocks and `uncores` uncore clocks, spread evenly over the grid, the ends among them. */
export function settingsToVisit(grid: ClockGrid, cores: number, uncores: number): readonly ClockSetting[] {
  const some = { core: spread(grid.core, cores), uncore: spread(grid.uncore, uncores) };
  return Array.from({ length: gridSize(some) }, (_, i) => gridSetting(some, i));
}

function spread<T>(items: readonly T[], count: number): readonly T[] {
  const last = items.length - 1;
  const places = Array.from({ length: count }, (_, i) =>
    count === 1 ? last : Math.round((i * last) / (count - 1)),
  );
  return items.filter((_, i) => places.includes(i));
}
