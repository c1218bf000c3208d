/**
 * /v1/snapshots of the fake platform: a snapshot is there as soon as it is asked for.
 */
import { FrugalError } from "@frugal/core";
import type { FakeReply } from "./fake-reply.ts";

interface SnapshotRequest {
  readonly method: string;
  readonly url: URL;
  readonly id: string;
  readonly body: Buffer;
}

export class FakeSnapshotApi {
  readonly #functions = new Set<string>();

  handle({ method, url, id, body }: SnapshotRequest): FakeReply {
    if (method === "POST") return this.#build(url, body);
    if (id === "") return { body: { snapshots: [...this.#functions].map(summaryOf) } };
    const name = id.replace(/-1$/, "");
    if (!this.#functions.has(name)) throw new FrugalError("not-found", `No snapshot has the id ${id}`);
    if (method === "GET") return { body: detailsOf(name) };
    this.#functions.delete(name);
    return { status: 204 };
  }

  #build(url: URL, body: Buffer): FakeReply {
    const { function: name } = JSON.parse(body.toString("utf8")) as { function: string };
    if (name === "busy")
      throw new FrugalError("snapshot-failed", `Function "busy" was not snapshotted: it holds a connection`);
    this.#functions.add(name);
    if (url.searchParams.get("wait") !== "true")
      return { status: 202, body: { function: name, state: "building", message: `"${name}" boots` } };
    const message = `Function "${name}" has the snapshot ${name}-1`;
    return { body: { function: name, state: "built", message, snapshot: summaryOf(name) } };
  }
}

const summaryOf = (name: string) => ({
  id: `${name}-1`,
  kind: "function",
  functions: [name],
  runtime: "nodejs v24.1.0",
  sizeBytes: 8_388_608,
  createdAt: "2026-01-02T03:04:05.678Z",
  pages: 1000,
  workingSetPages: name === "fresh" ? null : 300,
  starts: 7,
});

const workingSet = {
  pages: 300,
  zeroPages: 50,
  extents: 12,
  recordings: 3,
  restores: 7,
  lastMisses: 4,
  meanMisses: 5.25,
  stableShare: 0.9,
};

const detailsOf = (name: string) => ({
  ...summaryOf(name),
  folder: `/data/snapshots/${name}-1`,
  key: { code: "abc" },
  files: [{ name: "pages-1.img", sizeBytes: 4_096_000, sha256: "0".repeat(64) }],
  pids: [2],
  workingSet: name === "fresh" ? null : workingSet,
  fileRanges: { ranges: 5, bytes: 65_536 },
  dumpSeconds: 0.08,
  lastRestores:
    name === "fresh"
      ? []
      : [
          { kind: "eager", isPooled: false, latencySeconds: 0.04, faults: null, prefetchedPages: 0 },
          { kind: "prefetch", isPooled: true, latencySeconds: 0.018, faults: 4, prefetchedPages: 300 },
        ],
  pageMap: {
    image: [[2, 1024, 1000]],
    workingSet: [
      [2, 1024, 250],
      [2, 5000, 50],
    ],
  },
});
