/**
 * A picture of a snapshot's memory, as SVG: each band an area, each cell some pages, row by row.
 *
 * Invariants (cited by the tests):
 *   M1  where a cell is one page, the picture shows each page once, in the colour of its kind
 *   M2  a cell of several pages has the colour of most of them, and the legend tells the exact totals
 *   M3  whatever text comes in, the document is well-formed
 */
import { bytes } from "@frugal/core";
import { escaped, textAt } from "../svg/text.ts";
import { formatBytes } from "../terminal/format.ts";
import { type Band, bandsOf, type PageKind, pageKinds, type PageMap, type Stretch } from "./page-bands.ts";

export interface PictureSource {
  readonly id: string;
  readonly functions: readonly string[];
  readonly runtime: string;
  readonly pageMap: PageMap;
}

const PAGE = 4096;
/** In pixels. */
const WIDTH = 1000;
const MARGIN = 20;
const LABELS = 180;
const LEGEND_TOP = 74;
const BANDS_TOP = 112;
const BAND_GAP = 6;
/** So that its label fits. */
const SMALLEST_BAND = 12;
const ROW = WIDTH - 2 * MARGIN - LABELS;

/** How large a cell is, and how many pages it stands for. */
interface Scale {
  /** In pixels; fills a row without a rest. */
  readonly edge: number;
  readonly pagesInCell: number;
}

/** The larger the snapshot, the smaller the cells; the smallest hold several pages where it is larger still. */
const edges = [
  { edge: 10, mostCells: 5000 },
  { edge: 6, mostCells: 20_000 },
] as const;
const smallest = { edge: 4, mostCells: 60_000 } as const;

/** Of Okabe and Ito's palette and grey, told apart by those who see fewer colours, and by their lightness in print. */
const looks: Readonly<Record<PageKind, { readonly colour: string; readonly name: string }>> = {
  image: { colour: "#c5cdd6", name: "in the image, read on demand" },
  "working-set": { colour: "#0072b2", name: "working set, installed ahead" },
  zero: { colour: "#e69f00", name: "working set, only zeros" },
};

export function pageMapSvg({ id, functions, runtime, pageMap }: PictureSource): string {
  const bands = bandsOf(pageMap);
  const totals = totalsOf(bands);
  const scale = scaleFor(totals);
  let top = BANDS_TOP;
  const drawn = bands.map((band) => {
    const { svg, height } = drawBand(band, scale, top);
    top += height + BAND_GAP;
    return svg;
  });
  const title = `Memory of snapshot ${id}`;
  const { pagesInCell } = scale;
  const cell =
    pagesInCell === 1
      ? "a cell is a page of 4 KiB"
      : `a cell is ${pagesInCell} pages of 4 KiB, in the colour of most`;
  const what = [...functions, runtime].join(", ");
  const height = top - BAND_GAP + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" ` +
      `font-family="sans-serif" font-size="13" fill="#1a1a1a" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    textAt(MARGIN, 30, title, `font-size="18" font-weight="bold"`),
    textAt(MARGIN, 52, `${what}; ${cell}; a blank cell is memory that is not used, of any size`),
    ...legend(totals),
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

type Totals = Readonly<Record<PageKind, number>>;

function totalsOf(bands: readonly Band[]): Totals {
  const totals = { image: 0, "working-set": 0, zero: 0 };
  for (const { kind, pages } of bands.flatMap(({ stretches }) => stretches.flat())) totals[kind] += pages;
  return totals;
}

function scaleFor({ image, "working-set": workingSet, zero }: Totals): Scale {
  const pages = image + workingSet + zero;
  for (const { edge, mostCells } of edges) if (pages <= mostCells) return { edge, pagesInCell: 1 };
  const { edge, mostCells } = smallest;
  return { edge, pagesInCell: 2 ** Math.max(0, Math.ceil(Math.log2(pages / mostCells))) };
}

function legend(totals: Totals): readonly string[] {
  const whole = totals.image + totals["working-set"] + totals.zero;
  return pageKinds.map((kind, i) => {
    const left = MARGIN + i * ((WIDTH - 2 * MARGIN) / pageKinds.length);
    const pages = totals[kind];
    const share = whole === 0 ? 0 : (100 * pages) / whole;
    const amount = `${pages} pages, ${formatBytes(bytes(pages * PAGE))}, ${share.toFixed(1)} %`;
    return [
      `<rect x="${left}" y="${LEGEND_TOP - 10}" width="12" height="12" fill="${looks[kind].colour}"/>`,
      textAt(left + 18, LEGEND_TOP, looks[kind].name),
      textAt(left + 18, LEGEND_TOP + 16, amount, `fill="#555555"`),
    ].join("\n");
  });
}

interface Drawing {
  readonly svg: string;
  readonly height: number;
}

function drawBand({ pid, stretches }: Band, scale: Scale, top: number): Drawing {
  // A blank cell between two stretches.
  const cells = stretches.flatMap((stretch, i) => [
    ...(i === 0 ? [] : [undefined]),
    ...cellsOf(stretch, scale.pagesInCell),
  ]);
  const height = Math.max(SMALLEST_BAND, Math.ceil((cells.length * scale.edge) / ROW) * scale.edge);
  const pages = stretches.flat().reduce((sum, piece) => sum + piece.pages, 0);
  const address = ((stretches[0]?.[0]?.firstPage ?? 0) * PAGE).toString(16);
  const label = `${pid}  ${address.padStart(12, "0")}  ${formatBytes(bytes(pages * PAGE))}`;
  const style = `font-family="monospace" font-size="10" xml:space="preserve"`;
  return {
    svg: [
      `<g class="band">`,
      textAt(MARGIN, top + 9, label, style),
      ...rectangles(cells, scale.edge, top),
      "</g>",
    ].join("\n"),
    height,
  };
}

/** The kind that most pages of each cell have. */
function cellsOf(stretch: Stretch, pagesInCell: number): readonly PageKind[] {
  const counts: Record<PageKind, number>[] = [];
  let at = 0;
  for (const { kind, pages } of stretch) {
    for (let left = pages; left > 0;) {
      const cell = Math.floor(at / pagesInCell);
      const here = Math.min(left, (cell + 1) * pagesInCell - at);
      const count = (counts[cell] ??= { image: 0, "working-set": 0, zero: 0 });
      count[kind] += here;
      at += here;
      left -= here;
    }
  }
  return counts.map((count) => pageKinds.reduce((most, kind) => (count[kind] > count[most] ? kind : most)));
}

/** One rectangle for cells of a row that are alike; a line of white between rows. */
function rectangles(cells: readonly (PageKind | undefined)[], edge: number, top: number): readonly string[] {
  const cellsInRow = ROW / edge;
  const found: string[] = [];
  for (let i = 0; i < cells.length;) {
    const kind = cells[i];
    const rowEnd = (Math.floor(i / cellsInRow) + 1) * cellsInRow;
    let end = i + 1;
    while (end < Math.min(rowEnd, cells.length) && cells[end] === kind) end++;
    const x = MARGIN + LABELS + (i % cellsInRow) * edge;
    const y = top + Math.floor(i / cellsInRow) * edge;
    if (kind !== undefined)
      found.push(
        `<rect class="${kind}" x="${x}" y="${y}" width="${(end - i) * edge}" height="${edge - 1}" fill="${looks[kind].colour}"/>`,
      );
    i = end;
  }
  return found;
}
