/**
 * numpy: Python with one large library. All values are integers that fit a double exactly, so the answer is exact, too.
 */
import { firstDifference } from "../answers.ts";
import type { StartFunction } from "../start-function.ts";

const size = 128;

export const numpy: StartFunction = {
  name: "numpy",
  summary: "multiplies two matrices of 128 x 128",
  folder: import.meta.dirname,
  settings: { runtime: "python3", handler: "handler.handler", memoryMiB: 256, initTimeoutSeconds: 60 },
  pythonModules: { numpy: "python3-numpy" },
  holds: true,
  payload: (seed) => ({ seed, size }),
  check: (seed, output) => firstDifference(productOf(seed), output),
};

function productOf(seed: number): object {
  let trace = 0;
  let sum = 0;
  const last: number[] = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let value = 0;
      for (let inner = 0; inner < size; inner++) {
        value += ((row * 31 + inner * 17 + seed) % 101) * ((inner * 13 + column * 29 + seed) % 97);
      }
      sum += value;
      if (row === column) trace += value;
      if (row === size - 1) last.push(value);
    }
  }
  return { trace, sum, last };
}
