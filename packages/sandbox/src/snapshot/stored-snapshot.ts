/**
 * One snapshot in use: which pages its clones need, what its starts took, and the files that hold both.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Bytes, type Seconds, seconds, type StartKind, type StartOffer } from "@frugal/core";
import { writeDurably } from "./catalogue/disk/durable-file.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import type { Snapshot } from "./catalogue/shelf.ts";
import { type PageTable, readPageTable } from "./image/page-table.ts";
import type { RestoreRecord } from "./snapshots.ts";
import { Adaptation } from "./working-set/adaptation.ts";
import { encodeFileRanges, type FileRange } from "./working-set/file-ranges.ts";
import type { PageRuns } from "./working-set/page-runs.ts";
import { Stragglers } from "./working-set/stragglers.ts";
import { writeWorkingSet } from "./working-set/working-set-file.ts";

const ADAPTATION_FILE = "adaptation.json";
export const WORKING_SET_FILE = "working-set";
const FILE_RANGES_FILE = "file-ranges";
/** Pages that a working set lacks. */
const WORTH_WRITING = 16;
/** How many of the last restores are kept for whoever looks. */
const KEPT_RECORDS = 200;
/** Weight of the newest figure. */
const NEWEST = 0.3;

interface Figures {
  latency: Seconds;
  cpu: Seconds | undefined;
  memory: Bytes | undefined;
}

export class StoredSnapshot {
  readonly id: string;
  readonly folder: string;
  readonly pageCount: number;
  starts = 0;
  readonly #catalogue: Catalogue;
  readonly #table: PageTable;
  readonly #figures = new Map<StartKind, Figures>();
  readonly #records: RestoreRecord[] = [];
  #adaptation: Adaptation;
  /** What the file on disk installs. */
  #written: PageRuns | undefined;
  /** Since the working set was written. */
  #isRecorded = false;
  #hasFileRanges: boolean;
  #ranges: readonly FileRange[] | undefined;
  readonly #stragglers = new Stragglers();
  #writing: Promise<void> | undefined;

  private constructor(catalogue: Catalogue, { id, folder }: Snapshot, parts: StoredParts) {
    this.id = id;
    this.folder = folder;
    this.#catalogue = catalogue;
    this.#table = parts.table;
    this.#adaptation = parts.adaptation;
    this.#written = parts.hasWorkingSet ? parts.adaptation.pages : undefined;
    this.#hasFileRanges = parts.hasFileRanges;
    this.pageCount = parts.table.reduce((sum, { pages }) => sum + pages, 0);
  }

  /** Of files whose checksums are verified. */
  static async load(catalogue: Catalogue, snapshot: Snapshot): Promise<StoredSnapshot> {
    const has = (name: string): boolean => snapshot.manifest.files.some((file) => file.name === name);
    const adaptation = has(ADAPTATION_FILE)
      ? Adaptation.decode(await readFile(join(snapshot.folder, ADAPTATION_FILE), "utf8"))
      : Adaptation.start();
    return new StoredSnapshot(catalogue, snapshot, {
      table: await readPageTable(snapshot.folder),
      adaptation,
      hasWorkingSet: has(WORKING_SET_FILE) && has(ADAPTATION_FILE),
      hasFileRanges: has(FILE_RANGES_FILE),
    });
  }

  get table(): PageTable {
    return this.#table;
  }

  get adaptation(): Adaptation {
    return this.#adaptation;
  }

  get workingSetFile(): string | undefined {
    return this.#written === undefined ? undefined : join(this.folder, WORKING_SET_FILE);
  }

  /** Path of the file to install; undefined where the next restore is to be recorded. */
  get workingSet(): string | undefined {
    return this.#adaptation.shouldRecord ? undefined : this.workingSetFile;
  }

  get workingSetPages(): PageRuns | undefined {
    return this.#written;
  }

  get fileRanges(): string | undefined {
    return this.#hasFileRanges ? join(this.folder, FILE_RANGES_FILE) : undefined;
  }

  get records(): readonly RestoreRecord[] {
    return this.#records;
  }

  /** A restore in which every touched page was seen. */
  recorded(touched: PageRuns): void {
    this.#adaptation = this.#adaptation.recorded(touched);
    this.#isRecorded = true;
    this.#writeSoon();
  }

  /** A restore with the working set installed that touched `misses` beyond it. */
  restored(misses: PageRuns): void {
    this.#adaptation = this.#adaptation.restored(misses);
    this.#stragglers.add(misses);
    this.#writeSoon();
  }

  /** What a start took; `record` is what is shown of it. */
  started(kind: StartKind, figures: Figures, record: RestoreRecord | undefined): void {
    const known = this.#figures.get(kind);
    if (known === undefined) this.#figures.set(kind, { ...figures });
    else {
      known.latency = seconds(known.latency + NEWEST * (figures.latency - known.latency));
      known.cpu = figures.cpu ?? known.cpu;
      known.memory = figures.memory ?? known.memory;
    }
    if (record === undefined) return;
    this.starts++;
    this.#records.push(record);
    if (this.#records.length > KEPT_RECORDS) this.#records.shift();
  }

  offer(kind: StartKind): StartOffer {
    const figures = this.#figures.get(kind);
    return { kind, latency: figures?.latency, cpu: figures?.cpu, memory: figures?.memory };
  }

  /** What to read ahead of a restore, in this order, beside what turns out to be missed. */
  async keepFileRanges(ranges: readonly FileRange[]): Promise<void> {
    this.#ranges = ranges;
    await this.#writeFileRanges();
  }

  /** Resolves when a working set that was learnt is on disk. */
  async settled(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  /** Keeps what was learnt beside the working set: counts, which change with every restore. */
  async close(): Promise<void> {
    await this.settled();
    if (this.#written !== undefined) await this.#writeState().catch(() => undefined);
  }

  /** One writer at a time; what is learnt meanwhile is written after it. */
  #writeSoon(): void {
    if (this.#isWritten) return;
    this.#writing ??= this.#write()
      // A disk that is full keeps the old files; the next restore tries again.
      .catch(() => undefined)
      .finally(() => {
        this.#writing = undefined;
      });
  }

  get #isWritten(): boolean {
    return !this.#isWorkingSetStale && !this.#areRangesStale;
  }

  /** A few pages are not worth a file: they are served on demand until there are more. */
  get #isWorkingSetStale(): boolean {
    const { pages } = this.#adaptation;
    if (this.#written === undefined || this.#isRecorded) return !(this.#written?.equals(pages) ?? false);
    return pages.difference(this.#written).count >= WORTH_WRITING;
  }

  /** Ranges of an earlier process of the platform are kept as they are. */
  get #areRangesStale(): boolean {
    return this.#ranges !== undefined && this.#stragglers.isWorthWriting;
  }

  async #write(): Promise<void> {
    while (!this.#isWritten) {
      if (this.#areRangesStale) await this.#writeFileRanges();
      else await this.#writeWorkingSet();
    }
  }

  async #writeWorkingSet(): Promise<void> {
    const { pages } = this.#adaptation;
    await this.#catalogue.replace(this.id, WORKING_SET_FILE, (path) =>
      writeWorkingSet({ imageFolder: this.folder, table: this.#table, runs: pages, path }),
    );
    this.#written = pages;
    this.#isRecorded = false;
    await this.#writeState();
  }

  async #writeFileRanges(): Promise<void> {
    const missed = this.#stragglers.take(this.#table, this.folder);
    const text = encodeFileRanges([...missed, ...(this.#ranges ?? [])]);
    await this.#catalogue.replace(this.id, FILE_RANGES_FILE, (path) => writeDurably(path, text));
    this.#hasFileRanges = true;
  }

  #writeState(): Promise<void> {
    const state = this.#adaptation.encode();
    return this.#catalogue.replace(this.id, ADAPTATION_FILE, (path) => writeDurably(path, state));
  }
}

interface StoredParts {
  readonly table: PageTable;
  readonly adaptation: Adaptation;
  readonly hasWorkingSet: boolean;
  readonly hasFileRanges: boolean;
}
