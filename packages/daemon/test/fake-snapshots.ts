/**
 * Snapshots without processes: a build ends as a test says.
 */
import { bytes, type FunctionName, milliseconds, ratio } from "@frugal/core";
import type { BuildResult, SnapshotDetails, SnapshotSummary } from "@frugal/sandbox";
import type { SnapshotService } from "../src/platform/snapshots/snapshot-service.ts";

export class FakeSnapshots implements SnapshotService {
  /** Why there can be none. */
  reason: string | undefined;
  /** How builds end, unless a snapshot comes of them. */
  outcome: BuildResult | undefined;
  readonly asked: FunctionName[] = [];
  readonly #all = new Map<string, SnapshotSummary>();
  readonly #builds = { built: 0, failed: 0, stopped: 0 };

  problem(): string | undefined {
    return this.reason;
  }

  list(): readonly SnapshotSummary[] {
    return [...this.#all.values()];
  }

  inspect(id: string): Promise<SnapshotDetails | undefined> {
    const summary = this.#all.get(id);
    return Promise.resolve(summary === undefined ? undefined : detailsOf(summary));
  }

  build(name: FunctionName): Promise<BuildResult> {
    this.asked.push(name);
    const id = `${name}-1`;
    const result = this.outcome ?? { kind: "built", id };
    this.#builds[result.kind]++;
    if (result.kind === "built") this.#all.set(id, summaryOf(id, name));
    return Promise.resolve(result);
  }

  remove(id: string): Promise<boolean> {
    return Promise.resolve(this.#all.delete(id));
  }

  builds(): Readonly<Record<BuildResult["kind"], number>> {
    return this.#builds;
  }
}

const summaryOf = (id: string, name: FunctionName): SnapshotSummary => ({
  id,
  kind: "function",
  functions: [name],
  runtime: "nodejs v24.1.0",
  size: bytes(4_096_000),
  createdAt: "2026-01-01T00:00:00.000Z",
  pages: 1000,
  workingSetPages: 300,
  starts: 2,
});

const detailsOf = (summary: SnapshotSummary): SnapshotDetails => ({
  ...summary,
  folder: `/snapshots/${summary.id}`,
  key: { code: "abc", runtime: summary.runtime },
  files: [{ name: "pages-1.img", size: bytes(4_096_000), sha256: "0".repeat(64) }],
  pids: [2],
  workingSet: {
    pages: 300,
    zeroPages: 20,
    extents: 12,
    recordings: 3,
    restores: 7,
    lastMisses: 4,
    meanMisses: undefined,
    stable: ratio(0.9),
  },
  fileRanges: { ranges: 5, bytes: bytes(65_536) },
  dump: milliseconds(80),
  lastRestores: [
    { kind: "prefetch", isPooled: true, latency: milliseconds(18), faults: 4, prefetched: 300 },
    { kind: "eager", isPooled: false, latency: milliseconds(40), faults: undefined, prefetched: 0 },
  ],
  pageMap: {
    image: [{ pid: 2, firstPage: 1024, pages: 1000 }],
    workingSet: [
      [2, 1024, 280],
      [2, 5000, 20],
    ],
  },
});
