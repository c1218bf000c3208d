/**
 * A change of several control points as one: all are written, or none stays changed.
 *
 * Invariants (cited by the tests):
 *   C1  what a point held is in the journal before it is written
 *   C2  after a refused write, the points written before it hold again what they held
 *   C3  a point that holds the text already is not written
 */
import type { ClockOutcome } from "@frugal/core";
import type { ClockJournal } from "./clock-journal.ts";
import { type ControlAccess, type ControlPoint, MEANINGLESS } from "./control-point.ts";

export interface ClockChange {
  readonly point: ControlPoint;
  readonly text: string;
}

/** Makes `changes`, in this order. */
export function applyChanges(
  changes: readonly ClockChange[],
  access: ControlAccess,
  journal: ClockJournal,
): ClockOutcome {
  const steps: { readonly change: ClockChange; readonly before: string }[] = [];
  for (const change of changes) {
    const read = access.read(change.point);
    if (read.kind === "unreadable") return failed(read.reason);
    if (read.text !== change.text) steps.push({ change, before: read.text });
  }
  const unkept = journal.keep(steps.map(({ change, before }) => ({ point: change.point, text: before })));
  if (unkept !== undefined) return failed(unkept);

  for (const [index, { change }] of steps.entries()) {
    const refusal = access.write(change.point, change.text);
    if (refusal === undefined) continue;
    const stuck = steps
      .slice(0, index)
      .reverse()
      .filter(({ before }) => before !== MEANINGLESS)
      .flatMap(({ change: { point }, before }) => access.write(point, before) ?? []);
    return failed([refusal, ...stuck.map((reason) => `nor could it be undone: ${reason}`)].join("; "));
  }
  return { kind: "set" };
}

/** Sets both limits to `text`; the one first that keeps the minimum from passing the maximum on the way. */
export function limitChanges(
  { minimum, maximum }: { readonly minimum: ControlPoint; readonly maximum: ControlPoint },
  text: string,
  access: ControlAccess,
): readonly ClockChange[] {
  const now = access.read(maximum);
  const rises = now.kind === "text" && Number(text) > Number(now.text);
  return (rises ? [maximum, minimum] : [minimum, maximum]).map((point) => ({ point, text }));
}

const failed = (reason: string): ClockOutcome => ({ kind: "failed", reason });
