/**
 * One folder of a cgroup file system. Files there are small and answered by the kernel from memory: reading and writing
 * them synchronously takes microseconds.
 */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { FrugalError, messageOf } from "@frugal/core";

const REMOVAL_ATTEMPTS = 200;
const LONGEST_PAUSE_MS = 50;

export class CgroupFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  child(name: string): CgroupFolder {
    return new CgroupFolder(join(this.path, name));
  }

  make(): void {
    try {
      mkdirSync(this.path);
    } catch (error) {
      if (hasCode(error, "EEXIST")) return;
      throw new FrugalError(
        "host-unsupported",
        `The cgroup ${this.path} cannot be made: ${messageOf(error)}`,
        {
          cause: error,
        },
      );
    }
  }

  has(file: string): boolean {
    return this.read(file) !== undefined;
  }

  read(file: string): string | undefined {
    try {
      return readFileSync(join(this.path, file), "utf8");
    } catch {
      return undefined;
    }
  }

  write(file: string, value: string | number): void {
    try {
      writeFileSync(join(this.path, file), String(value));
    } catch (error) {
      throw new FrugalError(
        "host-unsupported",
        `The cgroup setting ${join(this.path, file)} does not take ${value}: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  /** The number after `key` in a file of lines `key number`. */
  readKey(file: string, key: string): number | undefined {
    return numberAfter(this.read(file) ?? "", key);
  }

  children(): readonly CgroupFolder[] {
    try {
      return readdirSync(this.path, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => this.child(entry.name));
    } catch {
      return [];
    }
  }

  /** Removes the folder; while processes are still ending in it the kernel says EBUSY, so it tries again for some seconds. */
  async remove(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        rmdirSync(this.path);
        return;
      } catch (error) {
        if (hasCode(error, "ENOENT")) return;
        if (!hasCode(error, "EBUSY") || attempt === REMOVAL_ATTEMPTS) throw error;
      }
      await delay(Math.min(attempt, LONGEST_PAUSE_MS));
    }
  }
}

export function numberAfter(text: string, key: string): number | undefined {
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${key} `));
  return line === undefined ? undefined : Number(line.slice(key.length + 1));
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;
