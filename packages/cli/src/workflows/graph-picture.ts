/**
 * A picture of a workflow's graph, as SVG: a box for each stage, an arrow where one follows on another.
 *
 * Invariants (cited by the tests):
 *   G1  each stage has one box and each edge one arrow; those of the critical path, and no others, stand out
 *   G2  whatever text comes in, the document is well-formed
 */
import { escaped, textAt } from "../svg/text.ts";
import { layoutGraph, type PlacedEdge, type Point } from "./graph-layout.ts";

export interface PictureStage {
  readonly title: string;
  /** What is told about it, line by line. */
  readonly facts: readonly string[];
}

export interface GraphPicture {
  readonly title: string;
  readonly subtitle: string;
  readonly stages: readonly PictureStage[];
  readonly edges: readonly (readonly [from: number, to: number])[];
  /** Indexes of its stages, in order. */
  readonly criticalPath: readonly number[];
}

/** In pixels. */
const MARGIN = 20;
const TOP = 72;
const LINE = 16;
const PADDING = 10;
const TITLE_SIZE = 18;
const TEXT_SIZE = 13;
const SMALL_SIZE = 11;
/** Ample widths of a character, as shares of the font's size: nothing measures text here. */
const WIDE = 0.62;

/** Of Okabe and Ito's palette: told apart by those who see fewer colours, and by their lightness in print. */
const looks = {
  critical: { stroke: "#d55e00", fill: "#fdf0e6", width: 2.5 },
  other: { stroke: "#5b6570", fill: "#f4f6f8", width: 1.2 },
} as const;

export function graphSvg({ title, subtitle, stages, edges, criticalPath }: GraphPicture): string {
  const placed = layoutGraph(stages.map(sizeOf), edges);
  const headWidth = Math.max(textWidth(title, TITLE_SIZE), textWidth(subtitle, TEXT_SIZE));
  const width = Math.ceil(Math.max(placed.width, headWidth) + 2 * MARGIN);
  const height = Math.ceil(TOP + placed.height + MARGIN);
  const onPath = new Set(criticalPath);
  const follows = new Set(criticalPath.slice(1).map((to, i) => `${criticalPath[i]}-${to}`));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
      `font-family="sans-serif" font-size="${TEXT_SIZE}" fill="#1a1a1a" role="img">`,
    `<title>${escaped(title)}</title>`,
    "<defs>",
    ...Object.entries(looks).map(([kind, { stroke }]) => arrowHead(kind, stroke)),
    "</defs>",
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    textAt(MARGIN, 30, title, `font-size="${TITLE_SIZE}" font-weight="bold"`),
    textAt(MARGIN, 52, subtitle),
    `<g transform="translate(${MARGIN} ${TOP})">`,
    ...placed.edges.map((edge) => arrow(edge, follows.has(`${edge.from}-${edge.to}`))),
    ...stages.map((stage, i) => box(stage, placed.boxes[i] ?? { x: 0, y: 0 }, onPath.has(i))),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

const textWidth = (text: string, size: number): number => [...text].length * size * WIDE;

const sizeOf = ({ title, facts }: PictureStage) => ({
  width: Math.ceil(
    Math.max(textWidth(title, TEXT_SIZE), ...facts.map((fact) => textWidth(fact, SMALL_SIZE))) + 2 * PADDING,
  ),
  height: (facts.length + 1) * LINE + 2 * PADDING - 4,
});

const arrowHead = (kind: string, colour: string): string =>
  `<marker id="${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" ` +
  `markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" fill="${colour}"/></marker>`;

function arrow({ points }: PlacedEdge, isCritical: boolean): string {
  const kind = isCritical ? "critical" : "other";
  const { stroke, width } = looks[kind];
  const way = points.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${rounded(x)} ${rounded(y)}`).join("");
  return `<path class="edge ${kind}" d="${way}" fill="none" stroke="${stroke}" stroke-width="${width}" marker-end="url(#${kind})"/>`;
}

function box(stage: PictureStage, { x, y }: Point, isCritical: boolean): string {
  const kind = isCritical ? "critical" : "other";
  const { stroke, fill, width: line } = looks[kind];
  const { width, height } = sizeOf(stage);
  const left = rounded(x + PADDING);
  return [
    `<rect class="stage ${kind}" x="${rounded(x)}" y="${rounded(y)}" width="${width}" height="${height}" rx="6" ` +
      `fill="${fill}" stroke="${stroke}" stroke-width="${line}"/>`,
    textAt(left, rounded(y + PADDING + 10), stage.title, `font-weight="bold"`),
    ...stage.facts.map((fact, i) =>
      textAt(
        left,
        rounded(y + PADDING + 10 + (i + 1) * LINE),
        fact,
        `font-size="${SMALL_SIZE}" fill="#444444"`,
      ),
    ),
  ].join("\n");
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
