/**
 * Which column of an invocations file is what: told by its header, or the fixed layout of a file without one.
 */
import { FrugalError } from "@frugal/core";

export interface Layout {
  readonly owner: number;
  readonly app: number;
  readonly function: number;
  readonly trigger: number | undefined;
  /** Column of each minute, from the first minute. */
  readonly minutes: readonly number[];
  readonly columns: number;
}

const MINUTES_PER_DAY = 24 * 60;

/** HashOwner, HashApp, HashFunction, Trigger, and the counts of a whole day: Azure's own order. */
const layoutWithoutHeader: Layout = {
  owner: 0,
  app: 1,
  function: 2,
  trigger: 3,
  minutes: Array.from({ length: MINUTES_PER_DAY }, (_, minute) => 4 + minute),
  columns: 4 + MINUTES_PER_DAY,
};

/** The layout that `fields`, the first row of a file, tells of, and whether that row is a header. */
export function layoutOf(fields: readonly string[]): { readonly layout: Layout; readonly isHeader: boolean } {
  const isHeader = fields.some((field) => field.trim() === "HashFunction");
  return { layout: isHeader ? layoutOfHeader(fields) : layoutWithoutHeader, isHeader };
}

/** Columns may be in any order; minutes are `1`, `2`, ... (Azure) or `minute_1`, `minute_2`, ... (invitro). */
function layoutOfHeader(fields: readonly string[]): Layout {
  const named = new Map<string, number>();
  const minutes = new Map<number, number>();
  for (const [column, field] of fields.entries()) {
    const name = field.trim();
    const minute = /^(?:minute_)?([1-9]\d{0,5})$/.exec(name)?.[1];
    if (minute === undefined && !["HashOwner", "HashApp", "HashFunction", "Trigger"].includes(name)) {
      throw badHeader(`column ${column + 1} is called ${JSON.stringify(name)}`);
    }
    if (minute === undefined ? named.has(name) : minutes.has(Number(minute))) {
      throw badHeader(`column ${name} is there twice`);
    }
    if (minute === undefined) named.set(name, column);
    else minutes.set(Number(minute), column);
  }
  if (minutes.size === 0) throw badHeader("there is no minute");
  const columnOf = (name: string): number => {
    const column = named.get(name);
    if (column === undefined) throw badHeader(`column ${name} is missing`);
    return column;
  };
  return {
    owner: columnOf("HashOwner"),
    app: columnOf("HashApp"),
    function: columnOf("HashFunction"),
    trigger: named.get("Trigger"),
    minutes: Array.from({ length: minutes.size }, (_, i) => {
      const column = minutes.get(i + 1);
      if (column === undefined) throw badHeader(`minute ${i + 1} is missing`);
      return column;
    }),
    columns: fields.length,
  };
}

const badHeader = (problem: string): FrugalError =>
  new FrugalError(
    "invalid-trace",
    `The header of the invocations file cannot be used: ${problem}\n` +
      "It must have HashOwner, HashApp, HashFunction, and every minute from 1 once (1, 2, ... or minute_1, minute_2, ...); Trigger may be there",
    { details: { line: 1, problem } },
  );
