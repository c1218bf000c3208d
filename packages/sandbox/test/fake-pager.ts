import type { Pager, PagingSession, SessionRequest, Touched } from "../src/snapshot/pager/pager.ts";
import { PageRuns } from "../src/snapshot/working-set/page-runs.ts";

export interface FakeSession extends PagingSession {
  readonly request: SessionRequest;
  isAbandoned: boolean;
}

/** Serves nothing, and remembers what it was asked for. */
export class FakePager implements Pager {
  readonly sessions: FakeSession[] = [];
  /** Paths of working sets in memory. */
  readonly preloaded = new Set<string>();
  /** How often each was read. */
  readonly reads: string[] = [];
  readonly dropped: string[] = [];
  /** What every clone touches. */
  touched: Touched = { faults: 2, pages: PageRuns.of([{ pid: 100, first: 0x10000, count: 2 }]) };
  /** Rejects the next sessions, and answers. */
  problem: Error | undefined;
  isClosed = false;

  open(request: SessionRequest): Promise<PagingSession> {
    if (this.problem !== undefined) return Promise.reject(this.problem);
    const session: FakeSession = {
      request,
      isAbandoned: false,
      socket: "/run/pager.sock",
      records: [["session", `${this.sessions.length + 1}`]],
      finished: Promise.resolve(),
      prefetched: new Promise(() => undefined),
      ended: new Promise(() => undefined),
      touched: () => {
        const isOver = session.isAbandoned || this.problem !== undefined;
        return isOver ? Promise.reject(new Error("it has ended")) : Promise.resolve(this.touched);
      },
      abandon: () => {
        session.isAbandoned = true;
      },
    };
    this.sessions.push(session);
    return Promise.resolve(session);
  }

  openGuest(): Promise<never> {
    return Promise.reject(new Error("no test has guests"));
  }

  preload(workingSet: string): void {
    this.preloaded.add(workingSet);
    this.reads.push(workingSet);
  }

  forget(workingSet: string): void {
    this.preloaded.delete(workingSet);
  }

  dropImage(path: string): void {
    this.dropped.push(path);
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}
