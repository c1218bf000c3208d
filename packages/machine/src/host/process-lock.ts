/**
 * A lock of this host that one process at a time holds, and that goes with the process, however it ends.
 *
 * Node has no flock(2), but SQLite locks its files by fcntl(2), and knows what its own process has locked already.
 */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { messageOf } from "@frugal/core";

export class ProcessLock {
  readonly #file: DatabaseSync;

  private constructor(file: DatabaseSync) {
    this.#file = file;
  }

  /** Takes the lock on the file at `path`, without waiting; why not, where it cannot be had. */
  static take(path: string): ProcessLock | string {
    let file: DatabaseSync | undefined;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
      file = new DatabaseSync(path);
      file.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
      return new ProcessLock(file);
    } catch (error) {
      file?.close();
      return `${path} cannot be locked: ${messageOf(error)}`;
    }
  }

  /** Idempotent. */
  release(): void {
    if (this.#file.isOpen) this.#file.close();
  }
}
