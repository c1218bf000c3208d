/**
 * The pager as a process of its own: started for the first session, and again for the next one after it died.
 *
 * Invariants (cited by the tests):
 *   A1  every session ends: with the pager's report, or as failed when the pager dies or is closed
 *   A2  a session belongs to one process of the pager and is never taken over by the next
 *   A3  what is preloaded stays so in the next process
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { FrugalError } from "@frugal/core";
import { OpenSession } from "./open-session.ts";
import type { GuestRequest, Pager, PagingMode, PagingSession, SessionRequest } from "./pager.ts";
import type { SessionReport } from "./report.ts";
import { RunningPager } from "./running-pager.ts";

export interface PagerProcessOptions {
  /** Path of the built native pager. */
  readonly program: string;
  /** An existing folder for sockets, of this platform only; its path is short enough for them. */
  readonly folder: string;
  /** Gets what the pager complains of. */
  readonly complain: (line: string) => void;
}

export class PagerProcess implements Pager {
  readonly #options: PagerProcessOptions;
  readonly #sessions = new Map<number, OpenSession>();
  readonly #preloaded = new Set<string>();
  #running: Promise<RunningPager> | undefined;
  #pager: RunningPager | undefined;
  #processes = 0;
  #lastSession = 0;
  #isClosed = false;

  constructor(options: PagerProcessOptions) {
    this.#options = options;
  }

  async open(request: SessionRequest): Promise<PagingSession> {
    const pager = await this.#start();
    const number = ++this.#lastSession;
    return this.#add(number, pager, { socket: pager.socket, records: recordsOf(number, request) });
  }

  async openGuest({ memoryFile, mode }: GuestRequest): Promise<PagingSession> {
    const pager = await this.#start();
    const number = ++this.#lastSession;
    const socket = join(this.#options.folder, `guest-${number}.sock`);
    const values = [number, socket, memoryFile, mode.kind, faultAroundOf(mode), ...workingSetOf(mode)];
    const broken = values.find((value) => `${value}`.includes("\t"));
    if (broken !== undefined) {
      throw new FrugalError("invalid-request", `A path of a guest contains a tab: ${JSON.stringify(broken)}`);
    }
    const session = this.#add(number, pager, { socket, records: [] });
    pager.send(`guest ${values.join("\t")}`);
    // Nothing happens where the guest has connected.
    void session.ended.then(() => pager.send(`withdraw ${number}`));
    await session.awaiting;
    return session;
  }

  preload(workingSet: string): void {
    this.#preloaded.add(workingSet);
    this.#pager?.send(`preload ${workingSet}`);
  }

  forget(workingSet: string): void {
    this.#preloaded.delete(workingSet);
    this.#pager?.send(`forget ${workingSet}`);
  }

  dropImage(path: string): void {
    this.#pager?.send(`close ${path}`);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const pager = await this.#running?.catch(() => undefined);
    pager?.close();
    await pager?.exited;
  }

  #add(number: number, pager: RunningPager, address: Pick<PagingSession, "socket" | "records">): OpenSession {
    const session = new OpenSession({
      ...address,
      ask: () => pager.send(`touched ${number}`),
      release: () => this.#sessions.delete(number),
    });
    this.#sessions.set(number, session);
    // It died between its start and now.
    if (this.#pager !== pager) session.close({ kind: "failed", reason: "the pager died" });
    return session;
  }

  #start(): Promise<RunningPager> {
    if (this.#isClosed) {
      return Promise.reject(
        new FrugalError("shutting-down", "The pager is closed: the platform is shutting down"),
      );
    }
    return (this.#running ??= this.#spawn());
  }

  async #spawn(): Promise<RunningPager> {
    const socket = join(this.#options.folder, `pager-${++this.#processes}.sock`);
    try {
      const pager = await RunningPager.start(this.#options.program, socket, {
        hear: (session, report) => this.#hear(session, report),
        complain: this.#options.complain,
      });
      void pager.exited.then((reason) => this.#bury(pager, reason));
      this.#pager = pager;
      for (const workingSet of this.#preloaded) pager.send(`preload ${workingSet}`);
      return pager;
    } catch (error) {
      this.#running = undefined;
      throw error;
    }
  }

  #hear(session: number | undefined, report: SessionReport): void {
    if (session !== undefined) this.#sessions.get(session)?.hear(report);
    else if (report.kind === "closed" && report.end.kind === "failed") {
      this.#options.complain(`a connection failed: ${report.end.reason}`);
    }
  }

  #bury(pager: RunningPager, reason: string): void {
    this.#running = undefined;
    this.#pager = undefined;
    rmSync(pager.socket, { force: true });
    for (const session of [...this.#sessions.values()]) {
      session.close({
        kind: "failed",
        reason: this.#isClosed ? "the pager was closed" : `the pager died: ${reason}`,
      });
    }
  }
}

const faultAroundOf = (mode: PagingMode): number => (mode.kind === "record" ? 1 : mode.faultAround);
const workingSetOf = (mode: PagingMode): readonly string[] =>
  mode.kind === "prefetch" ? [mode.workingSet] : [];

const recordsOf = (number: number, { image, mode, fileRanges }: SessionRequest): PagingSession["records"] => [
  ["session", `${number}`],
  ["image", image],
  ["mode", mode.kind],
  ["fault-around", `${faultAroundOf(mode)}`],
  ...workingSetOf(mode).map((path) => ["working-set", path] as const),
  ...(fileRanges === undefined ? [] : [["file-ranges", fileRanges] as const]),
];
