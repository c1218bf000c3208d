/**
 * One function's log on disk: NDJSON in a file that is rotated by size, so that it never takes more than
 * `files * fileBytes` and a batch. File 0 is the newest.
 */
import { appendFile, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

export interface LogLimits {
  readonly files: number;
  readonly fileBytes: number;
}

export class LogFile {
  readonly #folder: string;
  readonly #limits: LogLimits;
  /** Of file 0; undefined before the first write. */
  #size: number | undefined;

  constructor(folder: string, limits: LogLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** Appends whole lines. Not to be called again before it has ended. */
  async append(lines: string): Promise<void> {
    this.#size ??= await this.#open();
    const length = Buffer.byteLength(lines);
    if (this.#size > 0 && this.#size + length > this.#limits.fileBytes) {
      await this.#rotate();
      this.#size = 0;
    }
    try {
      await appendFile(this.#path(0), lines, { mode: 0o600 });
      this.#size += length;
    } catch (error) {
      // Part of it may be written, or the folder gone.
      this.#size = undefined;
      throw error;
    }
  }

  /** The last `count` lines, oldest first. */
  async last(count: number): Promise<readonly string[]> {
    let lines: string[] = [];
    for (let i = 0; i < this.#limits.files && lines.length < count; i++) {
      const text = await readFile(this.#path(i), "utf8").catch(() => "");
      // A line that a crash cut short has no end; the next append continued it.
      lines = [...text.split("\n").filter((line) => line !== ""), ...lines];
    }
    return count === 0 ? [] : lines.slice(-count);
  }

  async remove(): Promise<void> {
    this.#size = undefined;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #open(): Promise<number> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    return stat(this.#path(0)).then(
      ({ size }) => size,
      () => 0,
    );
  }

  async #rotate(): Promise<void> {
    for (let i = this.#limits.files - 1; i > 0; i--)
      await rename(this.#path(i - 1), this.#path(i)).catch(() => undefined);
    await rm(this.#path(0), { force: true });
  }

  #path(number: number): string {
    return join(this.#folder, `${number}.ndjson`);
  }
}
