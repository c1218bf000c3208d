import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { PseudoText } from "../host/pseudo-file.ts";
import { ClockJournal } from "./clock-journal.ts";
import {
  type ControlAccess,
  type ControlPoint,
  fileAt,
  kernelAccess,
  MEANINGLESS,
  nameOf,
} from "./control-point.ts";

type Refusal = (path: string, held: ReadonlyMap<string, string>) => boolean;

/** Points in memory; a write may be refused, also for what the others hold. */
class Points implements ControlAccess {
  readonly held: Map<string, string>;
  readonly written: string[] = [];
  readonly #refuses: Refusal;

  constructor(held: Readonly<Record<string, string>>, refuses: Refusal = () => false) {
    this.held = new Map(Object.entries(held));
    this.#refuses = refuses;
  }

  read(point: ControlPoint): PseudoText {
    const text = this.held.get(nameOf(point));
    return text === undefined
      ? { kind: "unreadable", reason: `${nameOf(point)}: not there` }
      : { kind: "text", text };
  }

  write(point: ControlPoint, text: string): string | undefined {
    const path = nameOf(point);
    if (this.#refuses(path, this.held)) return `${path}: refused`;
    this.written.push(`${path}=${text}`);
    this.held.set(path, text);
    return undefined;
  }

  refusal(): undefined {
    return undefined;
  }
}

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "frugal-journal-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "clocks.journal");
}

const noted = (path: string, text: string) => ({ point: fileAt(path), text });
const lineOf = (path: string, text: string): string =>
  JSON.stringify({ boot: "b", point: fileAt(path), text });

describe("ClockJournal", () => {
  it("puts points back in the reverse order of their first changes, and once more where one was in the way (J4)", () => {
    const path = temporaryFile();
    const access = new Points(
      { a: "9", b: "9", c: "9" },
      (point, held) => point === "c" && held.get("a") === "9",
    );
    const journal = new ClockJournal({ path, boot: "b", access });
    journal.keep([noted("a", "1"), noted("b", "2")]);
    journal.keep([noted("c", "3"), noted("a", "9")]);
    expect(journal.restore()).toEqual([]);
    expect(access.written).toEqual(["b=2", "a=1", "c=3"]);
    expect(readFileSync(path, "utf8")).toBe("");
  });

  it("takes the oldest of several lines of one point, and none that was not written out (J2, J3)", () => {
    const path = temporaryFile();
    writeFileSync(
      path,
      `${lineOf("a", "1")}\n${lineOf("b", "2").slice(0, 30)}\n${lineOf("a", "5")}\n{"boot"`,
    );
    const access = new Points({ a: "9", b: "9" });
    expect(new ClockJournal({ path, boot: "b", access }).restore()).toEqual([]);
    expect(access.written).toEqual(["a=1"]);
    expect(readFileSync(path, "utf8")).toBe("");
  });

  it("keeps a line until its point holds again what it held (J3)", () => {
    const path = temporaryFile();
    let isBusy = true;
    const access = new Points({ a: "9", b: "9" }, (point) => isBusy && point === "a");
    const journal = new ClockJournal({ path, boot: "b", access });
    journal.keep([noted("a", "1"), noted("b", "2")]);
    expect(journal.restore()).toEqual(["Cannot set back a: refused; it was 1."]);
    expect(readFileSync(path, "utf8")).toBe(`${lineOf("a", "1")}\n`);
    isBusy = false;
    expect(new ClockJournal({ path, boot: "b", access }).restore()).toEqual([]);
    expect(access.held).toEqual(new Map(Object.entries({ a: "1", b: "2" })));
  });

  it("neither notes nor puts back what has no meaning", () => {
    const path = temporaryFile();
    const access = new Points({ a: MEANINGLESS, b: "9" });
    const journal = new ClockJournal({ path, boot: "b", access });
    journal.keep([noted("b", MEANINGLESS), noted("a", "1")]);
    expect(journal.restore()).toEqual([]);
    expect(access.written).toEqual([]);
  });

  it("says where it can be neither read nor written", () => {
    const path = temporaryFile();
    mkdirSync(path);
    const open = (): ClockJournal => new ClockJournal({ path, boot: "b", access: kernelAccess });
    expect(open).toThrow(/^Cannot read the journal of clocks .*EISDIR/);
  });
});

describe("kernelAccess", () => {
  it("makes no file where none is, and tells reasons in words", () => {
    const missing = fileAt(`${temporaryFile()}.missing`);
    expect(kernelAccess.write(missing, "1")).toContain("missing: not there; its driver was unloaded");
    expect(kernelAccess.read(missing).kind).toBe("unreadable");
    expect(kernelAccess.refusal(missing)).toContain("not there");
    const register = { kind: "register", path: missing.path, address: 0x620, mask: 0x7f7f } as const;
    expect(kernelAccess.read(register)).toMatchObject({
      reason: `register 0x620 of ${missing.path}: not there`,
    });
  });
});
