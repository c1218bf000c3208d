/**
 * heavy-node: six large npm packages, all of which work for every request.
 *
 * The check runs the transpiled program, counts the groups itself and decodes the picture with a reader of its own.
 */
import { runInNewContext } from "node:vm";
import { firstDifference, objectOf, pictureDifference } from "../answers.ts";
import type { StartFunction } from "../start-function.ts";

const rows = 200;
const width = 96;
const height = 64;

export const heavyNode: StartFunction = {
  name: "heavy-node",
  summary: "transpiles TypeScript, renders a template and a document, draws a PNG",
  folder: import.meta.dirname,
  settings: { runtime: "nodejs", handler: "handler.handler", memoryMiB: 512, initTimeoutSeconds: 60 },
  installs: true,
  holds: true,
  payload: (seed) => ({ seed, rows, width, height }),
  check(seed, output) {
    const answer = objectOf(output);
    const expected = {
      javascript: answer?.["javascript"],
      table: tableOf(seed),
      document: `<h1>Report ${seed}</h1>\n<ul>\n<li><em>one</em></li>\n<li><strong>two</strong></li>\n</ul>\n`,
      png: answer?.["png"],
    };
    return (
      firstDifference(expected, output) ??
      programDifference(seed, answer?.["javascript"]) ??
      pictureDifference(answer?.["png"], { width, height }, (x, y) => [
        (x * 3 + seed) % 256,
        (y * 5 + seed) % 256,
        (x + y) % 256,
      ])
    );
  },
};

function tableOf(seed: number): string {
  const totals = [0, 0, 0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const group = (row * 7 + seed) % 5;
    totals[group] = (totals[group] ?? 0) + row;
  }
  return `<ul>${totals.map((total, group) => `<li>group ${group}: ${total}</li>`).join("")}</ul>`;
}

/** Runs the program: it must add the seed, and its enumeration start there. */
function programDifference(seed: number, program: unknown): string | undefined {
  if (typeof program !== "string") return "output.javascript is no text";
  try {
    const calculation = `JSON.stringify([exports.shifted({ x: 40 }), exports.Side.Right, exports.Side[${seed}]])`;
    const context = { exports: {} };
    const answer: unknown = runInNewContext(`${program}\n${calculation}`, context, { timeout: 1000 });
    const wanted = JSON.stringify([40 + seed, seed + 1, "Left"]);
    return answer === wanted
      ? undefined
      : `output.javascript calculates ${String(answer)}, expected ${wanted}`;
  } catch (error) {
    return `output.javascript does not run: ${String(error)}`;
  }
}
