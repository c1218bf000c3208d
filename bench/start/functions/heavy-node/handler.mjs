/**
 * A function with large dependencies: transpiles a program, groups and renders a table, converts a document and draws a PNG,
 * each anew for every request.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Ajv } from "ajv";
import Handlebars from "handlebars";
import lodash from "lodash";
import { marked } from "marked";
import { PNG } from "pngjs";
import typescript from "typescript";

const isRequest = new Ajv().compile({
  type: "object",
  properties: {
    seed: { type: "integer", minimum: 0 },
    rows: { type: "integer", minimum: 1 },
    width: { type: "integer", minimum: 1 },
    height: { type: "integer", minimum: 1 },
    holdMs: { type: "number", minimum: 0 },
  },
  required: ["seed", "rows", "width", "height"],
  additionalProperties: false,
});
const page = Handlebars.compile("<ul>{{#each groups}}<li>{{name}}: {{total}}</li>{{/each}}</ul>");

/** @param {{ seed: number, rows: number, width: number, height: number, holdMs?: number }} event */
export const handler = async (event) => {
  if (!isRequest(event)) throw new TypeError(`the request is wrong: ${JSON.stringify(isRequest.errors)}`);
  const { seed, rows, width, height, holdMs = 0 } = event;
  const answer = {
    javascript: transpiled(seed),
    table: page({ groups: groupsOf(seed, rows) }),
    document: await marked.parse(`# Report ${seed}\n\n- *one*\n- **two**\n`),
    png: drawn(seed, width, height).toString("base64"),
  };
  if (holdMs > 0) await delay(holdMs);
  return answer;
};

/** @param {number} seed */
function transpiled(seed) {
  const source = `interface Point { x: number }
export const shifted = <T extends Point>({ x }: T): number => x + ${seed};
export enum Side { Left = ${seed}, Right }
`;
  const { ES2022: target } = typescript.ScriptTarget;
  const { CommonJS: module } = typescript.ModuleKind;
  return typescript.transpileModule(source, { compilerOptions: { target, module } }).outputText;
}

/**
 * @param {number} seed
 * @param {number} rows
 */
function groupsOf(seed, rows) {
  const all = lodash.range(rows).map((row) => ({ name: `group ${(row * 7 + seed) % 5}`, value: row }));
  const totals = lodash.mapValues(lodash.groupBy(all, "name"), (own) => lodash.sumBy(own, "value"));
  return lodash.sortBy(
    Object.entries(totals).map(([name, total]) => ({ name, total })),
    "name",
  );
}

/**
 * @param {number} seed
 * @param {number} width
 * @param {number} height
 */
function drawn(seed, width, height) {
  const image = new PNG({ width, height, colorType: 2 });
  for (let at = 0; at < width * height; at++) {
    const [x, y] = [at % width, Math.floor(at / width)];
    image.data.set([(x * 3 + seed) % 256, (y * 5 + seed) % 256, (x + y) % 256, 255], at * 4);
  }
  return PNG.sync.write(image, { colorType: 2 });
}
