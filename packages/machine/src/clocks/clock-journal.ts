/**
 * The journal that lets every clock be put back, after a crash too (I3).
 *
 * A line is one control point with what it held before its first change, and the boot in which that was: a reboot puts the
 * clocks back by itself.
 *
 * Invariants (cited by the tests):
 *   J1  what a point held is on the disk before the point is changed
 *   J2  of several lines of one point the oldest counts: what it held before Frugal touched it
 *   J3  a line is dropped when its point holds that again, and not before; a line that was not written out is none
 *   J4  points are put back in the reverse order of their first changes
 */
import {
  appendFileSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { FrugalError, messageOf } from "@frugal/core";
import { type ControlAccess, type ControlPoint, MEANINGLESS, nameOf } from "./control-point.ts";

/** What a point held before its first change. */
export interface FormerContent {
  readonly point: ControlPoint;
  readonly text: string;
}

export interface JournalOptions {
  /** The journal's file, in the platform's data directory. */
  readonly path: string;
  /** What is different after each boot; undefined where the host does not tell. */
  readonly boot: string | undefined;
  readonly access: ControlAccess;
}

export class ClockJournal {
  readonly #path: string;
  readonly #boot: string | null;
  readonly #access: ControlAccess;
  /** By the point's name, in the order of their first changes. */
  readonly #former = new Map<string, FormerContent>();
  /** Whether the file holds anything, be it half a line. */
  #isWritten: boolean;

  /** Takes up what a crash has left; `restore` plays it back. */
  constructor({ path, boot, access }: JournalOptions) {
    this.#path = path;
    this.#boot = boot ?? null;
    this.#access = access;
    const text = textOf(path);
    this.#isWritten = text !== "";
    for (const line of text.split("\n")) {
      const entry = parseLine(line);
      if (entry?.boot === this.#boot) this.#remember(entry);
    }
  }

  /**
   * Notes what points hold, before their first changes; what is noted already stays as it is (J1, J2). Why it could not be
   * written, or undefined; then nothing may be changed.
   */
  keep(contents: readonly FormerContent[]): string | undefined {
    const fresh = contents.filter(
      ({ point, text }) => text !== MEANINGLESS && !this.#former.has(nameOf(point)),
    );
    if (fresh.length === 0) return undefined;
    try {
      // Begins with a line break, so that half a line that a full disk has left does not spoil this one.
      const lines = fresh.map((content) => `\n${this.#lineOf(content)}`).join("");
      const descriptor = openSync(this.#path, "a", 0o600);
      try {
        appendFileSync(descriptor, lines);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      if (!this.#isWritten) syncFolder(this.#path);
      this.#isWritten = true;
    } catch (error) {
      this.#isWritten = true;
      return `cannot note the former clocks in ${this.#path}: ${messageOf(error)}`;
    }
    for (const content of fresh) this.#remember(content);
    return undefined;
  }

  /** Puts every point back (J3, J4); what could not be put back, one sentence each. That is tried again the next time. */
  restore(): readonly string[] {
    const refused = new Map<string, string>();
    // Twice, because one point may stand in the way of another, like a minimum above the former maximum.
    for (let round = 0; round < 2; round++) {
      for (const [name, content] of [...this.#former].reverse()) {
        const reason = this.#putBack(content);
        if (reason === undefined) this.#former.delete(name);
        else refused.set(name, `Cannot set back ${reason}; it was ${content.text}.`);
      }
    }
    const problems = [...this.#former.keys()].flatMap((name) => refused.get(name) ?? []);
    const unwritten = this.#isWritten ? this.#rewrite() : undefined;
    return unwritten === undefined ? problems : [...problems, unwritten];
  }

  #putBack({ point, text }: FormerContent): string | undefined {
    const now = this.#access.read(point);
    if (now.kind === "unreadable") return now.reason;
    // Without a meaning, it has nothing to be set back: the governor that gave it one is gone.
    if (now.text === text || now.text === MEANINGLESS) return undefined;
    return this.#access.write(point, text);
  }

  #remember(content: FormerContent): void {
    const name = nameOf(content.point);
    if (!this.#former.has(name)) this.#former.set(name, content);
  }

  /** Writes what is still to be put back, in one step. */
  #rewrite(): string | undefined {
    const draft = `${this.#path}.new`;
    try {
      const descriptor = openSync(draft, "w", 0o600);
      try {
        const lines = [...this.#former.values()].map((content) => `${this.#lineOf(content)}\n`);
        writeFileSync(descriptor, lines.join(""));
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(draft, this.#path);
      syncFolder(this.#path);
      this.#isWritten = this.#former.size > 0;
      return undefined;
    } catch (error) {
      return `Cannot write the journal of clocks ${this.#path}: ${messageOf(error)}.`;
    }
  }

  #lineOf({ point, text }: FormerContent): string {
    return JSON.stringify({ boot: this.#boot, point, text });
  }
}

interface JournalLine extends FormerContent {
  readonly boot: string | null;
}

/** Undefined for a line that was not written out. */
function parseLine(line: string): JournalLine | undefined {
  try {
    // A line that parses is whole, and only `#lineOf` writes lines.
    return line === "" ? undefined : (JSON.parse(line) as JournalLine);
  } catch {
    return undefined;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw new FrugalError(
      "storage-failed",
      `Cannot read the journal of clocks ${path}: ${messageOf(error)}; it tells what to set the clocks back to, so mend it ` +
        `or, after a reboot, remove it`,
      { cause: error },
    );
  }
}

/** Makes a new name in the folder of `path` last. */
function syncFolder(path: string): void {
  const descriptor = openSync(dirname(path), "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
