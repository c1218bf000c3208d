/**
 * Turns a DNA sequence into the coordinates of two-dimensional drawings, by three methods of dnaviz.
 */
import { gates, squiggle, yau_int } from "dnaviz";

const METHODS = { squiggle, gates, yauInt: yau_int };
const PATH_POINTS = 200;

/** @param {{ bases: number, seed: number }} event */
export const handler = async ({ bases, seed }) => {
  const sequence = sequenceOf(bases, seed);
  return {
    bases,
    drawings: Object.entries(METHODS).map(([method, draw]) => drawing(method, draw(sequence))),
  };
};

/**
 * What a page needs to draw the path: its frame, its end and evenly spaced points; the sums tell any other path from it.
 *
 * @param {string} method
 * @param {number[][]} coordinates
 */
function drawing(method, coordinates) {
  const [xs = [], ys = []] = coordinates;
  const frame = [Infinity, Infinity, -Infinity, -Infinity];
  let sum = 0;
  let weighted = 0;
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i] ?? 0;
    const y = ys[i] ?? 0;
    if (x < (frame[0] ?? 0)) frame[0] = x;
    if (y < (frame[1] ?? 0)) frame[1] = y;
    if (x > (frame[2] ?? 0)) frame[2] = x;
    if (y > (frame[3] ?? 0)) frame[3] = y;
    sum += x + 2 * y;
    weighted += ((i % 1000) + 1) * (2 * x + y);
  }
  const path = [];
  for (let point = 0; point <= PATH_POINTS; point++) {
    const i = Math.floor(((xs.length - 1) * point) / PATH_POINTS);
    path.push([xs[i], ys[i]]);
  }
  return { method, points: xs.length, frame, sum, weighted, path };
}

/**
 * @param {number} bases
 * @param {number} seed
 */
function sequenceOf(bases, seed) {
  let state = seed;
  let sequence = "";
  while (sequence.length < bases) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    for (let bit = 30; bit >= 16; bit -= 2) sequence += "ACGT"[(state >>> bit) & 3];
  }
  return sequence.slice(0, bases);
}
