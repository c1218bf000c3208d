/**
 * Logs of all functions: appended in the background, readable and followable, in bounded memory and on bounded disk.
 *
 * Writing never waits for the disk. What cannot be kept in memory or written is dropped and counted, and a note in the log
 * says how much.
 *
 * Invariants (cited by the tests):
 *   L1  records appear in the order in which they were appended
 *   L2  a follower gets every record once: those of the past, then each new one
 *   L3  records that were dropped are counted, in the log itself and in `dropped`
 */
import { join } from "node:path";
import { type Clock, inMilliseconds, milliseconds, plus } from "@frugal/core";
import type { LogStream } from "@frugal/sandbox";
import type { InvocationObserver } from "../metrics/invocation-observer.ts";
import type { InvocationResult } from "../platform/platform.ts";
import type { FunctionDefinition } from "../registry/definition.ts";
import { LogFile, type LogLimits } from "./log-file.ts";
import {
  endLines,
  isLogRecord,
  type LogRecord,
  type OutputRecord,
  reportOf,
  startLine,
} from "./log-record.ts";
import { RecentOutput } from "./recent-output.ts";

export interface LogStoreOptions extends LogLimits {
  /** Most bytes that wait to be written, of all functions. */
  readonly bufferBytes: number;
}

/** Records wait so long for others to be written with, or until there are so many bytes of them. */
const batchDelay = milliseconds(50);
const batchBytes = 256 * 1024;

/** Longer texts are cut. */
const longestText = 256 * 1024;

interface FunctionLog {
  readonly name: string;
  readonly file: LogFile;
  readonly listeners: Set<(record: LogRecord) => void>;
  waiting: LogRecord[];
  waitingBytes: number;
  dropped: number;
  /** Its batch is large enough, and its writing is on its way. */
  isFull: boolean;
  /** Cancels the planned writing, where one is planned. */
  cancelWriting: (() => void) | undefined;
  /** Ends when everything before it is written or read: one step at a time. */
  last: Promise<void>;
}

export class LogStore implements InvocationObserver {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #options: LogStoreOptions;
  readonly #logs = new Map<string, FunctionLog>();
  readonly #recent = new RecentOutput();
  #bufferedBytes = 0;
  #lastMillisecond = NaN;
  #lastTime = "";
  #dropped = 0;

  constructor(dataDirectory: string, clock: Clock, options: LogStoreOptions) {
    this.#folder = join(dataDirectory, "logs");
    this.#clock = clock;
    this.#options = options;
  }

  /** Records that were lost since the start: memory was full, or the disk. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Output of a function. */
  append(name: string, requestId: string | undefined, stream: LogStream, text: string): void {
    const kept =
      text.length <= longestText ? text : `${text.slice(0, longestText)}[cut: ${text.length} characters]`;
    const record: OutputRecord = {
      time: this.#now(),
      function: name,
      stream,
      ...(requestId === undefined ? {} : { requestId }),
      text: kept,
    };
    if (requestId !== undefined) this.#recent.add(requestId, kept);
    this.#add(name, record);
  }

  /** The platform's report at the end of an invocation. */
  observe(definition: FunctionDefinition, result: InvocationResult): void {
    const { requestId } = result;
    const report = reportOf(definition, result);
    this.#add(definition.name, {
      time: this.#now(),
      function: definition.name,
      stream: "platform",
      requestId,
      report,
    });
  }

  /** The last 4 KiB of an invocation's log, with AWS Lambda's START, END and REPORT lines. */
  tail(definition: FunctionDefinition, result: InvocationResult): Buffer {
    const { requestId } = result;
    return this.#recent.tail(
      requestId,
      startLine(requestId),
      endLines(requestId, reportOf(definition, result)),
    );
  }

  /** The last `lines` records of a function, oldest first. */
  async read(name: string, lines: number): Promise<readonly LogRecord[]> {
    const past: LogRecord[] = [];
    const end = await this.follow(name, lines, (record) => past.push(record));
    end();
    return lines === 0 ? [] : past.slice(-lines);
  }

  /** Gives the last `lines` records to `listener` and then every new one, until the result is called. */
  async follow(name: string, lines: number, listener: (record: LogRecord) => void): Promise<() => void> {
    const log = this.#logOf(name);
    let arrived: LogRecord[] | undefined = [];
    const hear = (record: LogRecord): void => {
      if (arrived === undefined) listener(record);
      else arrived.push(record);
    };
    await this.#inTurn(log, async () => {
      const batch = take(log);
      log.listeners.add(hear);
      await this.#write(log, batch);
      for (const line of await log.file.last(lines)) {
        const record = parse(line);
        if (record !== undefined) listener(record);
      }
      for (const record of arrived ?? []) listener(record);
      arrived = undefined;
    });
    return () => {
      log.listeners.delete(hear);
    };
  }

  /** Removes a function's log. */
  remove(name: string): Promise<void> {
    const log = this.#logOf(name);
    return this.#inTurn(log, async () => {
      this.#bufferedBytes -= log.waitingBytes;
      take(log);
      await log.file.remove();
      if (log.listeners.size === 0 && log.waiting.length === 0) this.#logs.delete(name);
    });
  }

  /** Writes what is waiting. */
  async close(): Promise<void> {
    for (const log of this.#logs.values()) this.#writeWaiting(log);
    await Promise.all([...this.#logs.values()].map((log) => log.last));
  }

  #add(name: string, record: LogRecord): void {
    const log = this.#logOf(name);
    for (const listener of log.listeners) listener(record);
    const size = sizeOf(record);
    if (this.#bufferedBytes + size > this.#options.bufferBytes) {
      this.#dropped++;
      log.dropped++;
      return;
    }
    if (log.dropped > 0) {
      log.waiting.push(this.#noteOf(log, log.dropped));
      log.dropped = 0;
    }
    log.waiting.push(record);
    log.waitingBytes += size;
    this.#bufferedBytes += size;
    this.#scheduleWriting(log);
  }

  /** Records are written in batches, a little later or when there are many: a busy function costs few writes. */
  #scheduleWriting(log: FunctionLog): void {
    if (log.waitingBytes >= batchBytes && !log.isFull) {
      log.isFull = true;
      this.#writeWaiting(log);
    } else
      log.cancelWriting ??= this.#clock.at(plus(this.#clock.now(), batchDelay), () => {
        this.#writeWaiting(log);
      });
  }

  #writeWaiting(log: FunctionLog): void {
    log.cancelWriting?.();
    log.cancelWriting = undefined;
    void this.#inTurn(log, () => this.#write(log, take(log)));
  }

  async #write(log: FunctionLog, { records, bytes }: Batch): Promise<void> {
    if (records.length === 0) return;
    let lines = "";
    for (const record of records) lines += `${JSON.stringify(record)}\n`;
    try {
      await log.file.append(lines);
    } catch {
      // The disk is full or broken: said before the next record.
      this.#dropped += records.length;
      log.dropped += records.length;
    } finally {
      this.#bufferedBytes -= bytes;
    }
  }

  #noteOf(log: FunctionLog, dropped: number): LogRecord {
    const text = `${dropped} records are missing here: they came faster than the disk took them, or it was full`;
    return { time: this.#now(), function: log.name, stream: "platform", text };
  }

  #logOf(name: string): FunctionLog {
    const known = this.#logs.get(name);
    if (known !== undefined) return known;
    const log: FunctionLog = {
      name,
      file: new LogFile(join(this.#folder, name), this.#options),
      listeners: new Set(),
      waiting: [],
      waitingBytes: 0,
      dropped: 0,
      isFull: false,
      cancelWriting: undefined,
      last: Promise.resolve(),
    };
    this.#logs.set(name, log);
    return log;
  }

  #now(): string {
    const millisecond = Math.floor(inMilliseconds(this.#clock.wall()));
    if (millisecond !== this.#lastMillisecond) {
      this.#lastMillisecond = millisecond;
      this.#lastTime = new Date(millisecond).toISOString();
    }
    return this.#lastTime;
  }

  #inTurn(log: FunctionLog, step: () => Promise<void>): Promise<void> {
    const result = log.last.then(step);
    log.last = result.catch(() => undefined);
    return result;
  }
}

interface Batch {
  readonly records: readonly LogRecord[];
  readonly bytes: number;
}

/** Takes all that waits. */
function take(log: FunctionLog): Batch {
  const batch = { records: log.waiting, bytes: log.waitingBytes };
  log.waiting = [];
  log.waitingBytes = 0;
  log.isFull = false;
  return batch;
}

/** An estimate of a record's line that costs nothing. */
const sizeOf = (record: LogRecord): number => 160 + ("text" in record ? record.text.length : 0);

/** A line of the log; undefined where a crash left it damaged. */
function parse(line: string): LogRecord | undefined {
  try {
    const record: unknown = JSON.parse(line);
    return isLogRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}
