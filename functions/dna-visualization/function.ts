/**
 * DNA visualisation: a sequence as three two-dimensional paths.
 *
 * The check walks the sequence base by base with a table of steps per method. Every coordinate is a multiple of 0.5 and every
 * sum stays below 2^53, so both languages must agree exactly.
 */
import type { BenchmarkFunction } from "../benchmark-function.ts";
import { firstDifference } from "../first-difference.ts";

interface DnaPayload {
  readonly bases: number;
  readonly seed: number;
}

const bases = { test: 4_000, small: 60_000, large: 1_200_000 } as const;

export const dnaVisualization: BenchmarkFunction = {
  name: "dna-visualization",
  summary: "Turns a DNA sequence into the coordinates of three two-dimensional drawings",
  origins: [{ paper: "kypous", suite: "SeBS", name: "dna-visualization" }],
  runtimes: {
    nodejs: { handler: "handler.handler", folder: "dna-visualization" },
    python3: { handler: "handler.handler", folder: "dna-visualization/python" },
  },
  memoryMebibytes: 1024,
  timeoutSeconds: 60,
  payload: (size): DnaPayload => ({ bases: bases[size], seed: 23 }),
  check(_size, payload: DnaPayload, output) {
    const sequence = sequenceOf(payload);
    const drawings = methods.map((method) => drawingOf(method, sequence));
    return firstDifference({ bases: payload.bases, drawings }, output);
  },
};

/** Heights of the steps that each base takes, in the order A C G T, and their widths. */
interface Method {
  readonly method: string;
  readonly widths: readonly (readonly number[])[];
  readonly heights: readonly (readonly number[])[];
}

const methods: readonly Method[] = [
  {
    method: "squiggle",
    widths: [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]], // prettier-ignore
    heights: [[0.5, -0.5], [-0.5, 0.5], [0.5, 0.5], [-0.5, -0.5]], // prettier-ignore
  },
  { method: "gates", widths: [[0], [-1], [1], [0]], heights: [[-1], [0], [0], [1]] },
  { method: "yauInt", widths: [[1], [1], [1], [1]], heights: [[-2], [1], [-1], [2]] },
];

const pathPoints = 200;

function drawingOf({ method, widths, heights }: Method, sequence: Uint8Array): object {
  const xs = [0];
  const ys = [0];
  let x = 0;
  let y = 0;
  let sum = 0;
  let weighted = 0;
  for (const base of sequence) {
    for (const [step, width] of (widths[base] ?? []).entries()) {
      x += width;
      y += heights[base]?.[step] ?? 0;
      sum += x + 2 * y;
      weighted += ((xs.length % 1000) + 1) * (2 * x + y);
      xs.push(x);
      ys.push(y);
    }
  }
  const least = (values: readonly number[]): number => values.reduce((a, b) => (b < a ? b : a));
  const most = (values: readonly number[]): number => values.reduce((a, b) => (b > a ? b : a));
  const path = Array.from({ length: pathPoints + 1 }, (_, point) => {
    const index = Math.floor(((xs.length - 1) * point) / pathPoints);
    return [xs[index], ys[index]];
  });
  const frame = [least(xs), least(ys), most(xs), most(ys)];
  return { method, points: xs.length, frame, sum, weighted, path };
}

/** Base numbers, 0 to 3, of the payload's sequence: eight from the upper half of each pseudo-random word. */
function sequenceOf({ bases, seed }: DnaPayload): Uint8Array {
  const sequence = new Uint8Array(bases);
  let word = seed;
  for (let base = 0; base < bases; base++) {
    if (base % 8 === 0) word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
    sequence[base] = (word >>> (30 - 2 * (base % 8))) & 3;
  }
  return sequence;
}
