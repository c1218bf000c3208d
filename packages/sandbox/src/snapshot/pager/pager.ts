/**
 * The pager: serves the memory pages of restored snapshots, remembers which were asked for, and installs those that are
 * known to be needed ahead of the demand.
 */
import type { Seconds } from "@frugal/core";
import type { PageRuns } from "../working-set/page-runs.ts";

export interface Pager {
  /** A session for one restore; the pager is started if none runs. */
  open(request: SessionRequest): Promise<PagingSession>;
  /** A session for a microVM of Firecracker that is to be restored with a userfaultfd backend; its socket is there. */
  openGuest(request: GuestRequest): Promise<PagingSession>;
  /** Keeps this working-set file in memory, until it is forgotten; a file that replaced it under its path is kept instead. */
  preload(workingSet: string): void;
  forget(workingSet: string): void;
  /** The image in this folder (or memory file) is about to be deleted: sessions that use it go on, later ones read it anew. */
  dropImage(path: string): void;
  /** Ends every session, and with it its unit. */
  close(): Promise<void>;
}

/** When pages are installed. `faultAround` is a power of 2: pages in the aligned window that a fault brings in. */
export type PagingMode =
  | { readonly kind: "lazy"; readonly faultAround: number }
  /** Lazy, a page at a time, so that what is touched is exact. */
  | { readonly kind: "record" }
  /** `workingSet` is a file's path. */
  | { readonly kind: "prefetch"; readonly workingSet: string; readonly faultAround: number };

export interface SessionRequest {
  /** The folder of the image, with its page table. */
  readonly image: string;
  readonly mode: PagingMode;
  /** A file with ranges of files to bring into the page cache. */
  readonly fileRanges?: string;
}

export interface GuestRequest {
  readonly memoryFile: string;
  /** Its working set names offsets in the memory file as addresses of pid 0. */
  readonly mode: PagingMode;
}

/** The service of one restore. */
export interface PagingSession {
  /** The pager's socket; for a guest its own, given to Firecracker. */
  readonly socket: string;
  /** What the unit's init tells the pager in front of all; empty for a guest. */
  readonly records: readonly (readonly [name: string, value: string])[];
  /** Resolves when the restored processes are about to run; rejects where the session ends before. */
  readonly finished: Promise<void>;
  /** Resolves when the working set is installed; rejects where the session ends before, or has none. */
  readonly prefetched: Promise<Prefetch>;
  /** Never rejects. A failed session ends its unit. */
  readonly ended: Promise<SessionEnd>;
  /** What was touched so far and was not installed ahead; rejects where the session ends before the answer. */
  touched(): Promise<Touched>;
  /** To be called where the unit ended and may never have connected: nothing more is heard of the session. */
  abandon(): void;
}

export interface Prefetch {
  readonly pages: number;
  readonly zeroPages: number;
  readonly extents: number;
  /** From the moment at which pages could be installed to the last one. */
  readonly duration: Seconds;
}

export interface Touched {
  readonly faults: number;
  readonly pages: PageRuns;
}

export type SessionEnd =
  | {
      readonly kind: "ended";
      readonly faults: number;
      /** Installed, on demand or ahead. */
      readonly pages: number;
      readonly zeroPages: number;
      /** Given back by the processes. */
      readonly removedPages: number;
      readonly forks: number;
    }
  | { readonly kind: "failed"; readonly reason: string };
