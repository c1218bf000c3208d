import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cannotIsolate } from "../../../test/needs.ts";
import {
  type ExtentOfRange,
  wordOf,
  writeExtents,
  writeImage,
} from "../../../test/uffd-client/snapshot-files.ts";
import { buildUffdClient, UffdClient } from "../../../test/uffd-client/uffd-client.ts";
import { buildNativePrograms, nativeProgram } from "../../native/native-programs.ts";
import type { PagingMode } from "./pager.ts";
import { PagerProcess } from "./pager-process.ts";

const PID = 100;
const BASE = 0x1000_0000;
/** Pages of each of the two mappings that a process begins with. */
const PAGES = 24;
const areas = [BASE, BASE + 100];
const pages = areas.flatMap((area) => Array.from({ length: PAGES }, (_, i) => area + i));

const step = fc.record({
  kind: fc.constantFrom("read", "write", "drop", "unmap", "move", "fork"),
  /** Which process and which page, counted modulo what there is. */
  process: fc.nat(7),
  page: fc.nat(99),
  count: fc.integer({ min: 1, max: 12 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const world = fc.record({
  /** Which pages have data in the image, and which of all are in the working set. */
  hasData: fc.array(fc.boolean(), { minLength: pages.length, maxLength: pages.length }),
  isAhead: fc.array(fc.boolean(), { minLength: pages.length, maxLength: pages.length }),
  mode: fc.constantFrom("lazy", "record", "prefetch"),
  faultAround: fc.constantFrom(1, 4, 16),
  steps: fc.array(step, { maxLength: 25 }),
});
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

/** A process as it must look: its mapped pages and their words. `prefix` addresses it through its parents. */
interface Model {
  readonly prefix: string;
  readonly memory: Map<number, number>;
  children: number;
}

/** Runs of neighbours within a mapping that are alike in `kindOf`; those of kind undefined are left out. */
function runsOf(kindOf: (index: number) => boolean | undefined): readonly ExtentOfRange[] {
  const runs: ExtentOfRange[] = [];
  pages.forEach((page, i) => {
    const isZero = kindOf(i);
    if (isZero === undefined) return;
    const last = runs.at(-1);
    if (last?.isZero === isZero && last.page + last.count === page) {
      runs[runs.length - 1] = { ...last, count: last.count + 1 };
    } else runs.push({ pid: PID, page, count: 1, isZero });
  });
  return runs;
}

/** The step's pages: from one mapped page on, as far as they are mapped. */
function rangeOf({ memory }: Model, { page, count }: Step): { first: number; length: number } | undefined {
  const mapped = [...memory.keys()].sort((a, b) => a - b);
  const first = mapped[page % Math.max(mapped.length, 1)];
  if (first === undefined) return undefined;
  let length = 1;
  while (length < count && memory.has(first + length)) length++;
  return { first, length };
}

const wordsOf = ({ memory }: Model, first: number, length: number): readonly (number | undefined)[] =>
  Array.from({ length }, (_, i) => memory.get(first + i));

class Checker {
  readonly #client: UffdClient;
  readonly #processes: Model[];
  /** Where the next moved range goes: never next to another. */
  #free = BASE + 1000;
  #nextWord = 1;

  constructor(client: UffdClient, memory: Map<number, number>) {
    this.#client = client;
    this.#processes = [{ prefix: "", memory, children: 0 }];
  }

  async take(chosen: Step): Promise<void> {
    const model = this.#processes[chosen.process % this.#processes.length];
    const range = model && rangeOf(model, chosen);
    if (model === undefined || range === undefined) return;
    const { first, length } = range;
    const numbers = Array.from({ length }, (_, i) => first + i);
    const tell = (command: string): Promise<string> => this.#client.do(`${model.prefix}${command}`);
    switch (chosen.kind) {
      case "read":
        expect(await this.#client.read(first, length, model.prefix)).toEqual(wordsOf(model, first, length));
        break;
      case "write":
        await tell(`write ${first} ${length} ${++this.#nextWord}`);
        for (const page of numbers) model.memory.set(page, this.#nextWord);
        break;
      case "drop":
        await tell(`drop ${first} ${length}`);
        for (const page of numbers) model.memory.set(page, 0);
        break;
      case "unmap":
        await tell(`unmap ${first} ${length}`);
        for (const page of numbers) model.memory.delete(page);
        break;
      case "move":
        await tell(`move ${first} ${length} ${this.#free}`);
        wordsOf(model, first, length).forEach((word, i) => model.memory.set(this.#free + i, word ?? NaN));
        for (const page of numbers) model.memory.delete(page);
        this.#free += 100;
        break;
      case "fork":
        await this.#fork(model);
    }
  }

  async #fork(model: Model): Promise<void> {
    if (this.#processes.length === 4) return;
    await this.#client.do(`${model.prefix}fork`);
    await this.#client.do("take-fork");
    const prefix = `${model.prefix}child ${model.children++} `;
    this.#processes.push({ prefix, memory: new Map(model.memory), children: 0 });
  }

  /** Every page of every process. */
  async checkAll(): Promise<void> {
    for (const model of this.#processes) {
      for (const page of [...model.memory.keys()].sort((a, b) => a - b)) {
        expect(await this.#client.read(page, 1, model.prefix)).toEqual([model.memory.get(page)]);
      }
    }
  }
}

describe.skipIf(cannotIsolate)("memory that the pager serves", () => {
  let folder: string;
  let program: string;
  let pager: PagerProcess;
  let worlds = 0;

  beforeAll(async () => {
    await buildNativePrograms();
    folder = mkdtempSync(join(tmpdir(), "frugal-served-memory-"));
    program = await buildUffdClient(folder);
    pager = new PagerProcess({
      program: nativeProgram("frugal-pager"),
      folder,
      complain: (line) => expect.unreachable(line),
    });
  });

  afterAll(async () => {
    await pager.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const live = async ({ hasData, isAhead, mode, faultAround, steps }: World): Promise<void> => {
    const image = join(folder, `image-${++worlds}`);
    const workingSet = `${image}-working-set`;
    writeImage(
      image,
      runsOf((i) => (hasData[i] === true ? false : undefined)),
    );
    writeExtents(
      workingSet,
      runsOf((i) => (isAhead[i] === true ? hasData[i] !== true : undefined)),
    );
    const modes: Record<World["mode"], PagingMode> = {
      lazy: { kind: "lazy", faultAround },
      record: { kind: "record" },
      prefetch: { kind: "prefetch", workingSet, faultAround },
    };
    const session = await pager.open({ image, mode: modes[mode] });
    const client = new UffdClient(program);
    try {
      await client.restore(
        session,
        PID,
        areas.map((page) => ({ page, count: PAGES })),
      );
      const memory = new Map(pages.map((page, i) => [page, hasData[i] === true ? wordOf(PID, page) : 0]));
      const checker = new Checker(client, memory);
      // The working set is installed while these run.
      for (const chosen of steps) await checker.take(chosen);
      await checker.checkAll();
    } finally {
      await client.kill();
    }
    expect(await session.ended).toMatchObject({ kind: "ended" });
    pager.dropImage(image);
  };

  it("is that of the image, changed by nothing but the processes, whatever they do (P2, P3)", async () => {
    await fc.assert(fc.asyncProperty(world, live), { numRuns: 60 });
  });
});
