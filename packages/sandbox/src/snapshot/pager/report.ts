/**
 * The pager's reports, one JSON object a line, as `native/pager` writes them. A line that is none is a fault of the pager.
 */
import { FrugalError, microseconds } from "@frugal/core";
import { PageRuns } from "../working-set/page-runs.ts";
import type { Prefetch, SessionEnd, Touched } from "./pager.ts";

/** What a report says of its session. */
export type SessionReport =
  /** The socket of a guest is there. */
  | { readonly kind: "awaiting" }
  | { readonly kind: "finished" }
  | { readonly kind: "prefetched"; readonly prefetch: Prefetch }
  | { readonly kind: "touched"; readonly touched: Touched }
  | { readonly kind: "closed"; readonly end: SessionEnd };

export type PagerReport =
  | { readonly kind: "listening" }
  /** `session` is undefined where the connection failed before it was known. */
  | { readonly kind: "session"; readonly session: number | undefined; readonly report: SessionReport };

/** FrugalError internal where `line` is no report. */
export function parseReport(line: string): PagerReport {
  try {
    const fields = new Fields(JSON.parse(line) as unknown);
    const kind = fields.text("kind");
    if (kind === "listening") return { kind };
    const isUnknown = kind === "failed" && fields.isNull("session");
    return {
      kind: "session",
      session: isUnknown ? undefined : fields.count("session"),
      report: sessionReport(kind, fields),
    };
  } catch (error) {
    throw new FrugalError("internal", `The pager wrote what is no report: ${line.slice(0, 200)}`, {
      cause: error,
    });
  }
}

function sessionReport(kind: string, fields: Fields): SessionReport {
  switch (kind) {
    case "awaiting":
    case "finished":
      return { kind };
    case "prefetched":
      return {
        kind,
        prefetch: {
          pages: fields.count("pages"),
          zeroPages: fields.count("zeroPages"),
          extents: fields.count("extents"),
          duration: microseconds(fields.count("microseconds")),
        },
      };
    case "touched":
      return { kind, touched: { faults: fields.count("faults"), pages: fields.runs("runs") } };
    case "ended":
      return {
        kind: "closed",
        end: {
          kind,
          faults: fields.count("faults"),
          pages: fields.count("pages"),
          zeroPages: fields.count("zeroPages"),
          removedPages: fields.count("removedPages"),
          forks: fields.count("forks"),
        },
      };
    case "failed":
      return { kind: "closed", end: { kind, reason: fields.text("reason") } };
    default:
      throw new TypeError(`unknown kind ${kind}`);
  }
}

/** Fields of a parsed object; a TypeError where one is not what it should be. */
class Fields {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    if (typeof value !== "object" || value === null) throw new TypeError("no object");
    this.#values = value as Readonly<Record<string, unknown>>;
  }

  text(name: string): string {
    const value = this.#values[name];
    if (typeof value !== "string") throw new TypeError(`${name} is no text`);
    return value;
  }

  count(name: string): number {
    const value = this.#values[name];
    if (!isCount(value)) throw new TypeError(`${name} is no count`);
    return value;
  }

  isNull(name: string): boolean {
    return this.#values[name] === null;
  }

  runs(name: string): PageRuns {
    const value = this.#values[name];
    if (!Array.isArray(value)) throw new TypeError(`${name} is no list`);
    return PageRuns.of(value.map(runOf));
  }
}

function runOf(value: unknown): { pid: number; first: number; count: number } {
  if (!Array.isArray(value) || value.length !== 4) throw new TypeError("no run");
  // The fourth says whether the pages are zeros, which the page table knows as well.
  const [pid, first, count] = value as readonly unknown[];
  if (!isCount(pid) || !isCount(first) || !isCount(count)) throw new TypeError("no run");
  return { pid, first, count };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
