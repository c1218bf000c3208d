/**
 * How long the choice of a stage's clocks takes, and the prediction of all settings in it.
 *
 * The reference machine's 14 core and 18 uncore clocks, eight functions of different kinds, each learnt from 300 executions at random
 * clocks. A decision is what the policy `frugal` does for a stage of a chain of eight that is a little late or early: the controller,
 * the prediction of latency and power at all settings, and the scan for the cheapest that fits. Payloads differ from decision to
 * decision. Only the policy and the model run; nothing is set.
 */
import { createPacePolicy, type PacePolicy, type StageSituation } from "@frugal/control";
import {
  bytes,
  FrugalError,
  type FunctionName,
  functionName,
  gridSetting,
  gridSize,
  type Random,
  ratio,
  runId,
  scaled,
  seconds,
  seededRandom,
  type WorkflowGraph,
} from "@frugal/core";
import { readReferenceClocks } from "@frugal/machine";
import {
  GreyBoxModel,
  parseReferenceClocks,
  ReferenceMachine,
  softwareCounters,
  type TimeShares,
} from "@frugal/predict";
import { type Bench, median } from "./bench.ts";

const FUNCTIONS = 8;
const EXECUTIONS = 300;
const DECISIONS = 2000;

interface Work {
  readonly name: FunctionName;
  readonly shares: TimeShares;
  readonly secondsPerByte: number;
}

export const bench: Bench = {
  question: "how long does the choice of a stage's clocks take, out of 252 settings?",
  run({ seconds: length, rounds, note }) {
    const machine = new ReferenceMachine(parseReferenceClocks(readReferenceClocks()));
    const random = seededRandom(5);
    const works = Array.from({ length: FUNCTIONS }, (_, i) => workOf(machine, i));
    const model = learnt(machine, works, random);
    const policy = createPacePolicy("frugal", { model, reference: machine.highest, options: {} });
    const situations = situationsOf(machine, works, random);
    const decisions: number[] = [];
    const predictions: number[] = [];
    for (let round = 0; round < rounds; round++) {
      decisions.push(microseconds(() => decideAll(policy, situations), length / 2));
      predictions.push(microseconds(() => predictAll(model, situations), length / 2));
      note(
        `round ${round + 1}/${rounds}: decision ${decisions.at(-1)?.toFixed(2)} µs, prediction ${predictions.at(-1)?.toFixed(2)} µs`,
      );
    }
    const document = {
      configs: gridSize(machine.grid),
      decisionMicroseconds: median(decisions),
      gridPredictionMicroseconds: median(predictions),
      spread: { decisionMicroseconds: rangeOf(decisions), gridPredictionMicroseconds: rangeOf(predictions) },
    };
    const text = `${document.decisionMicroseconds.toFixed(2)} µs a decision, ${document.gridPredictionMicroseconds.toFixed(2)} µs of them the prediction of ${document.configs} settings (medians of ${rounds})\n`;
    return Promise.resolve({ document, text });
  },
};

/** Kinds of work between the machine's classes. */
function workOf({ classes, defaultShares }: ReferenceMachine, index: number): Work {
  const share = index / (FUNCTIONS - 1);
  const [first = defaultShares, last = defaultShares] = classes.map(({ shares }) => shares);
  const between = (part: (shares: TimeShares) => number): number =>
    part(first) + share * (part(last) - part(first));
  return {
    name: functionName(`f${index}`),
    shares: {
      core: between(({ core }) => core),
      uncore: between(({ uncore }) => uncore),
      memory: between(({ memory }) => memory),
    },
    secondsPerByte: 1e-5 * (1 + index),
  };
}

function learnt(machine: ReferenceMachine, works: readonly Work[], random: Random): GreyBoxModel {
  const model = new GreyBoxModel({ grid: machine.grid, counters: softwareCounters, prior: machine.prior });
  for (let i = 0; i < EXECUTIONS; i++) {
    for (const { name, shares, secondsPerByte } of works) {
      const clocks = gridSetting(machine.grid, Math.floor(random.next() * gridSize(machine.grid)));
      const payload = payloadOf(random);
      const noise = 1 + 0.05 * (random.next() - 0.5);
      const latency = seconds(payload * secondsPerByte * machine.stretch(shares, clocks) * noise);
      const power = machine.executionPower(1, clocks);
      const counters = Float64Array.of(latency, 100, payload);
      model.observe({ key: name, payload, clocks, latency, power, counters });
    }
  }
  return model;
}

const payloadOf = (random: Random) => bytes(Math.round(1000 + 9000 * random.next()));

/** Of a chain of all the functions, each stage with a budget a fifth over its time at the highest clocks. */
function situationsOf(
  { grid }: ReferenceMachine,
  works: readonly Work[],
  random: Random,
): readonly StageSituation[] {
  const stages = works.map(({ name }) => ({
    name: `/do/${name}`,
    function: name,
    latency: undefined,
    repeats: 1,
    visits: ratio(1),
  }));
  const edges = works.slice(1).map((_, i) => [i, i + 1] as const);
  const graph: WorkflowGraph = { stages, edges };
  const budgets = works.map(({ secondsPerByte }) => seconds(5500 * secondsPerByte * 1.2));
  const deadline = seconds(budgets.reduce((sum, budget) => sum + budget, 0));
  const plan = { graph, deadline, budgets };
  return Array.from({ length: DECISIONS }, (_, i) => {
    const stage = i % works.length;
    const { name = functionName("f0") } = works[stage] ?? {};
    const budget = budgets[stage] ?? deadline;
    const slack = scaled(budget, 0.4 * (random.next() - 0.5));
    return {
      key: name,
      payload: payloadOf(random),
      grid,
      budget,
      slack,
      run: { id: runId("bench"), plan, stage },
    };
  });
}

/** Of core clocks, so that the work is not dropped as unused. */
const decideAll = (policy: PacePolicy, situations: readonly StageSituation[]): number =>
  situations.reduce((sum, situation) => sum + (policy.decide(situation).core ?? 0), 0);

function predictAll(model: GreyBoxModel, situations: readonly StageSituation[]): number {
  const latencies = new Float64Array(gridSize(model.grid));
  const powers = new Float64Array(gridSize(model.grid));
  let sum = 0;
  for (const { key, payload } of situations) {
    model.predict(key, payload, latencies, powers);
    sum += latencies[0] ?? 0;
  }
  return sum;
}

/** Of one of the decisions that `all` makes; the median of as many repetitions as fit into the time. */
function microseconds(all: () => number, length: number): number {
  const end = performance.now() + length * 1000;
  const times: number[] = [];
  do {
    const started = performance.now();
    const sum = all();
    times.push((performance.now() - started) * (1000 / DECISIONS));
    if (!(sum > 0)) throw new FrugalError("internal", "The policy decided on nothing");
  } while (performance.now() < end);
  return median(times);
}

const rangeOf = (values: readonly number[]): readonly number[] => [Math.min(...values), Math.max(...values)];
