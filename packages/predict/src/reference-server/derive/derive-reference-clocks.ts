/**
 * Derives the reference server's clocks and power: the shape of a core's power from freqbench's measurements, the watts from a
 * published server, the uncore and the kinds of work from the figures that kypous publishes.
 */
import { type ClockSetting, FrugalError } from "@frugal/core";
import { switchingShare } from "../clock-power.ts";
import type { PublishedFigure, ReferenceClocks, WorkClass } from "../reference-clocks.ts";
import { ReferenceMachine } from "../reference-machine.ts";
import { meanShares, type TimeShares } from "../time-shares.ts";
import { parseFreqbenchTable } from "./freqbench-table.ts";
import { coversClocks, fitPowerShape } from "./power-shape.ts";
import { publishedPoints, sharesOf } from "./published-points.ts";
import { type ServerWatts, splitSocketPower } from "./socket-power.ts";

/** The version that the shipped figures come from. */
const known = {
  source:
    "results/*/main/results.json of github.com/kdrag0n/freqbench, commit 9eb16adcec1595852ab930f111b66224cb1e8368, flattened to CSV",
  sha256: "b64a0614d9b767d6111a2c9fae79b1727fb7131a55acca3bb0bc502513aaf3f2",
};

const rule =
  "Of freqbench's clusters, those whose clocks cover the server's (1.2 to 2.5 GHz): power over clock between these, relative to that at " +
  "2.5 GHz, every cluster with the same weight. To these, constant + dynamic x f x V(f)^2 with V on a line over f is fitted by " +
  "least squares with weights of at least zero; the line's start is the best of 101. Watts: see `assumptions`.";

/** What no data says. `haswell` is the server that the watts are from. */
const assumptionsFor = (haswell: ServerWatts): readonly string[] => [
  "The clocks and the sockets are those of kypous' servers (Intel Xeon E5-2658A, a Haswell; 10 cores of a socket run functions). Its turbo clock of 2.5 GHz counts as an ordinary one.",
  "The cores of mobile systems on chip stand for a server's: only the shape of their power over the same clocks is used, not their watts.",
  `Watts are those of ${haswell.system} of the same generation (data/reference-servers.json): at the wall, idle power by socket and load by core. Full load is taken to run at the highest clocks.`,
  "A busy core draws the same whatever it does: stalls, vector instructions and memory traffic cost nothing extra. A sleeping core draws nothing.",
  "Nobody published an uncore's power over its clock. It is taken to be proportional to f x V(f)^2 with the core's line of voltages, busy or not, and to be as large as kypous' saving of 23.5 % at the highest core clock makes it: one function on two cores alone on its socket, the default uncore clock being the highest and the chosen one the lowest.",
  "That the chosen uncore clock was the lowest follows from kypous' two figures of video-processing: no uncore clock above 1.26 GHz fits both T = Wc/CF + Wu/UF + Wd and these.",
  "kypous' latencies over the core clock are at its default uncore clock, taken to be the highest.",
  "Not used: kypous' mean saving by the uncore clock over a whole trace (5 % of DRAM, 3 % of processor power), which depends on the load.",
];

/**
 * The figures from `text`, a table of freqbench results, and the watts of a Haswell server. The same input gives the same
 * figures. A malformed table, or one without a cluster that covers the server's clocks, is an `invalid-request` error.
 */
export function deriveReferenceClocks(text: string, sha256: string, haswell: ServerWatts): ReferenceClocks {
  const { coreClocks, uncoreClocks, sockets, coresPerSocket } = publishedPoints;
  const { lowestHertz, highestHertz } = coreClocks;
  const table = parseFreqbenchTable(text);
  const clusters = table.clusters.filter((cluster) => coversClocks(cluster, lowestHertz, highestHertz));
  if (clusters.length === 0) {
    throw new FrugalError(
      "invalid-request",
      "No cluster of the table has clocks from 1.2 GHz or less to 2.5 GHz or more; use a complete table",
    );
  }
  const shape = fitPowerShape(clusters, lowestHertz, highestHertz);
  const lowestShare = switchingShare(
    uncoreClocks.lowestHertz / uncoreClocks.highestHertz,
    shape.voltageFloor,
  );
  const { uncoreSaving, coresPerFunction } = publishedPoints;
  const socket = splitSocketPower(haswell, uncoreSaving, coresPerFunction, lowestShare);
  const classes = publishedPoints.functions.map((each): WorkClass => ({
    name: each.className,
    example: each.name,
    shares: roundedShares(sharesOf(each)),
  }));
  const figures = {
    sockets,
    coresPerSocket,
    coreClocks,
    uncoreClocks,
    staticWattsPerSocket: rounded(socket.static),
    core: {
      constantWatts: rounded(socket.core * shape.constant),
      dynamicWatts: rounded(socket.core * shape.dynamic),
      voltageFloor: shape.voltageFloor,
    },
    uncore: { constantWatts: 0, dynamicWatts: rounded(socket.uncore), voltageFloor: shape.voltageFloor },
    classes,
    defaultShares: roundedShares(meanShares(classes.map(({ shares }) => shares))),
  };
  const clocks: ReferenceClocks = {
    title: "Reference server with a core and an uncore clock, in the shape of kypous' servers",
    source: sha256 === known.sha256 ? known.source : "a table of another version than Frugal ships with",
    sourceSha256: sha256,
    licence: "MIT (freqbench); Apache-2.0 (the server's watts, from data/reference-servers.json)",
    attribution:
      "Power of processor cores over their clocks: freqbench by kdrag0n, github.com/kdrag0n/freqbench",
    command: "frugal derive reference-clocks --from freq_power.csv",
    rule,
    assumptions: assumptionsFor(haswell),
    published: [],
    leftOut: table.leftOut,
    fit: { clusters: clusters.map(({ name }) => name), rows: shape.rows, error: rounded(shape.error) },
    ...figures,
  };
  return { ...clocks, published: publishedBesideModel(clocks) };
}

/** What kypous publishes beside what the reference server says of it. */
function publishedBesideModel(clocks: ReferenceClocks): readonly PublishedFigure[] {
  const machine = new ReferenceMachine(clocks);
  const { highest, grid } = machine;
  const lowestCore: ClockSetting = { ...highest, core: grid.core[0] ?? highest.core };
  const lowestUncore: ClockSetting = { ...highest, uncore: grid.uncore[0] ?? highest.uncore };
  const socketPower = (setting: ClockSetting): number =>
    clocks.staticWattsPerSocket + machine.executionPower(publishedPoints.coresPerFunction, setting);
  const figures: PublishedFigure[] = [
    {
      what: "share of the power that the lowest uncore clock saves at the highest core clock",
      published: publishedPoints.uncoreSaving,
      model: rounded(1 - socketPower(lowestUncore) / socketPower(highest)),
    },
  ];
  for (const [i, { name, coreCut, uncoreLoss }] of publishedPoints.functions.entries()) {
    const shares = clocks.classes[i]?.shares ?? clocks.defaultShares;
    figures.push(
      {
        what: `${name}: share of the latency that the highest core clock takes away from that at the lowest`,
        published: coreCut,
        model: rounded(1 - machine.stretch(shares, highest) / machine.stretch(shares, lowestCore)),
      },
      {
        what: `${name}: share that the lowest uncore clock adds to the latency at the highest clocks`,
        published: uncoreLoss,
        model: rounded(machine.stretch(shares, lowestUncore) - 1),
      },
    );
  }
  return figures;
}

/** Rounded so that the parts are together 1 still. */
function roundedShares({ core, uncore }: TimeShares): TimeShares {
  const parts = { core: rounded(core), uncore: rounded(uncore) };
  return { ...parts, memory: rounded(1 - parts.core - parts.uncore) };
}

/** The sources have three significant digits or so; four after the point lose none. */
const rounded = (value: number): number => Number(value.toFixed(4));
