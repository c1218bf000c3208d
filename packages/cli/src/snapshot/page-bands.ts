/**
 * The memory of a snapshot as bands for a picture: what each page is, area by area.
 *
 * Invariants (cited by the tests):
 *   B1  every page of the image and of the working set is in exactly one piece, and its kind says which of both it is in
 *   B2  bands, stretches and pieces are in order of process and address
 */

/** `image`: only there. `working-set`: in the image too. `zero`: of the working set, but not in the image, so only zeros. */
export const pageKinds = ["image", "working-set", "zero"] as const;
export type PageKind = (typeof pageKinds)[number];

/** Process, number of the first page, how many. */
type Run = readonly [pid: number, firstPage: number, pages: number];

export interface PageMap {
  readonly image: readonly Run[];
  readonly workingSet: readonly Run[];
}

/** Pages of one kind, side by side. */
interface Piece {
  readonly kind: PageKind;
  readonly firstPage: number;
  readonly pages: number;
}

/** Memory without a gap. */
export type Stretch = readonly Piece[];

/** Neighbouring memory of a process. */
export interface Band {
  readonly pid: number;
  readonly stretches: readonly Stretch[];
}

/** 16 MiB: what lies farther apart are areas of their own, such as a heap, libraries and a stack. */
const WIDEST_GAP = 4096;

export function bandsOf({ image, workingSet }: PageMap): readonly Band[] {
  const pids = [...new Set([...image, ...workingSet].map(([pid]) => pid))].sort((a, b) => a - b);
  return pids.flatMap((pid) => {
    const own = (runs: readonly Run[]): readonly Run[] => runs.filter((run) => run[0] === pid);
    return groups(piecesOf(own(image), own(workingSet)), WIDEST_GAP).map((pieces) => ({
      pid,
      stretches: groups(pieces, 0),
    }));
  });
}

/** Where a run begins or ends, by page. */
interface Border {
  readonly page: number;
  readonly set: "image" | "workingSet";
  readonly step: 1 | -1;
}

/** Runs of a process, of both sets, cut where one of them begins or ends. */
function piecesOf(image: readonly Run[], workingSet: readonly Run[]): readonly Piece[] {
  const borders = [...bordersOf("image", image), ...bordersOf("workingSet", workingSet)];
  borders.sort((a, b) => a.page - b.page);
  const depth = { image: 0, workingSet: 0 };
  const pieces: Piece[] = [];
  let from = 0;
  for (const { page, set, step } of borders) {
    const kind = kindOf(depth);
    if (page > from && kind !== undefined) pieces.push({ kind, firstPage: from, pages: page - from });
    depth[set] += step;
    from = page;
  }
  return pieces;
}

const bordersOf = (set: Border["set"], runs: readonly Run[]): readonly Border[] =>
  runs.flatMap(([, first, pages]) => [
    { page: first, set, step: 1 },
    { page: first + pages, set, step: -1 },
  ]);

function kindOf({ image, workingSet }: Readonly<Record<Border["set"], number>>): PageKind | undefined {
  if (image > 0) return workingSet > 0 ? "working-set" : "image";
  return workingSet > 0 ? "zero" : undefined;
}

/** `pieces` cut where more than `gap` pages lie between two of them. */
function groups(pieces: readonly Piece[], gap: number): readonly (readonly Piece[])[] {
  const found: Piece[][] = [];
  let end = -Infinity;
  for (const piece of pieces) {
    const last = found.at(-1);
    if (last === undefined || piece.firstPage - end > gap) found.push([piece]);
    else last.push(piece);
    end = piece.firstPage + piece.pages;
  }
  return found;
}
