/**
 * A small file of /proc or of a cgroup that is read again and again, kept open: one system call for each reading.
 */
import { closeSync, openSync, readSync } from "node:fs";

export class OpenFile {
  #descriptor: number | undefined;
  readonly #buffer = Buffer.alloc(4096);

  /** Throws where the file cannot be opened. */
  constructor(path: string) {
    this.#descriptor = openSync(path, "r");
  }

  /** Its present text, or undefined where the kernel no longer answers or the file is closed. */
  read(): string | undefined {
    if (this.#descriptor === undefined) return undefined;
    try {
      const length = readSync(this.#descriptor, this.#buffer, 0, this.#buffer.length, 0);
      return this.#buffer.toString("latin1", 0, length);
    } catch {
      return undefined;
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}
