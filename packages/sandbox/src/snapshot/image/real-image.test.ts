import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PAGE } from "../../../test/fake-image.ts";
import { cannotRunCriu } from "../../../test/needs.ts";
import { outputOf } from "../../host/command.ts";
import { findCriu } from "../criu/find-criu.ts";
import { PageRuns } from "../working-set/page-runs.ts";
import { writeWorkingSet } from "../working-set/working-set-file.ts";
import { readMemoryAreas } from "./memory-areas.ts";
import { pageTableOf } from "./page-table.ts";
import { readProcessTree } from "./process-tree.ts";

describe.skipIf(cannotRunCriu)("an image that criu made (needs root and an installed criu)", () => {
  let folder: string;
  let child: ChildProcess;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "frugal-real-image-"));
    child = spawn("/bin/sleep", ["1000"], { stdio: "ignore", detached: true, cwd: "/" });
  });
  afterEach(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });

  async function dump(): Promise<number> {
    const pid = child.pid ?? 0;
    const isAsleep = (): boolean => readFileSync(`/proc/${pid}/wchan`, "utf8").includes("nanosleep");
    await vi.waitUntil(isAsleep, { timeout: 30_000 });
    const search = await findCriu();
    if (search.kind === "missing") throw new Error(search.reason);
    const [program, ...args] = search.criu.command;
    const options = ["--leave-running", "--manage-cgroups=ignore", "--file-validation", "filesize"];
    await outputOf(program, [...args, "dump", "-t", String(pid), "-D", folder, ...options]);
    return pid;
  }

  /** Where the process writes while it is dumped: the rest of its sleep, which was interrupted. */
  const stackOf = (maps: readonly string[]): readonly number[] =>
    rangeOf(maps.find((line) => line.endsWith("[stack]")) ?? "");

  it("is read as what the process has in its memory (P1, P2, P3)", async () => {
    const pid = await dump();
    expect(await readProcessTree(folder)).toEqual([{ pid, parent: 0, threads: [pid] }]);
    const maps = mapsOf(pid);
    const lazy = (await readMemoryAreas(folder, pid)).filter(({ isLazy }) => isLazy);
    expect(maps.map(rangeOf)).toEqual(expect.arrayContaining(lazy.map(({ start, end }) => [start, end])));
    const [heap] = rangeOf(maps.find((line) => line.endsWith("[heap]")) ?? "");
    expect(lazy.some(({ start }) => start === heap)).toBe(true);

    const [stack = 0] = stackOf(maps);
    const table = (await pageTableOf(folder)).filter(({ address }) => address < stack);
    expect(table.length).toBeGreaterThan(0);
    const memory = await open(`/proc/${pid}/mem`);
    const changed: number[] = [];
    for (const { pagesId, address, pages, offset } of table) {
      const data = readFileSync(join(folder, `pages-${pagesId}.img`)).subarray(offset, offset + pages * PAGE);
      changed.push(...differing(data, await part(memory, address, pages * PAGE), address));
    }
    expectOnlyRestartableSequences(changed);
    await memory.close();
  });

  it("gives a working set with the memory of the process, zero where it has no data (E2, W2)", async () => {
    const pid = await dump();
    const [stack = 0] = stackOf(mapsOf(pid));
    const lazy = (await readMemoryAreas(folder, pid)).filter(({ isLazy }) => isLazy);
    const all = lazy
      .filter(({ start }) => start < stack)
      .map(({ start, end }) => ({ pid, first: start / PAGE, count: (end - start) / PAGE }));
    const path = join(folder, "working-set");
    const table = await pageTableOf(folder);
    const index = await writeWorkingSet({ imageFolder: folder, table, runs: PageRuns.of(all), path });
    const [file, memory] = [readFileSync(path), await open(`/proc/${pid}/mem`)];
    const changed: number[] = [];
    let position = index.dataOffset;
    for (const { address, pages, isZero } of index.extents) {
      const size = pages * PAGE;
      const data = isZero ? Buffer.alloc(size) : file.subarray(position, position + size);
      changed.push(...differing(data, await part(memory, address, size), address));
      if (!isZero) position += size;
    }
    expectOnlyRestartableSequences(changed);
    expect(position).toBe(file.length);
    await memory.close();
  });
});

const mapsOf = (pid: number): readonly string[] =>
  readFileSync(`/proc/${pid}/maps`, "utf8").trim().split("\n");

/** Start and end of the memory area in a line of maps. */
const rangeOf = (line: string): readonly number[] =>
  (line.split(" ")[0] ?? "").split("-").map((text) => parseInt(text, 16));

/** Addresses of the bytes that are not the same. */
const differing = (a: Buffer, b: Buffer, address: number): readonly number[] =>
  a.equals(b) ? [] : [...a.keys()].filter((i) => a[i] !== b[i]).map((i) => address + i);

/** The kernel notes the processor of a running thread in its rseq area, 32 bytes, whenever it moves it to another one. */
function expectOnlyRestartableSequences(changed: readonly number[]): void {
  expect(Math.max(...changed, 0) - Math.min(...changed, Infinity)).toBeLessThan(32);
}

async function part(memory: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await memory.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
