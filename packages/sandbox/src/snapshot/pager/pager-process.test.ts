import { appendFileSync, existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { cannotIsolate } from "../../../test/needs.ts";
import { dataOf, wordOf, writeExtents, writeImage } from "../../../test/uffd-client/snapshot-files.ts";
import { buildUffdClient, UffdClient } from "../../../test/uffd-client/uffd-client.ts";
import { outputOf } from "../../host/command.ts";
import { buildNativePrograms, nativeProgram } from "../../native/native-programs.ts";
import type { PagingMode, PagingSession, SessionRequest } from "./pager.ts";
import { PagerProcess } from "./pager-process.ts";

const PID = 100;
/** Number of a page whose address is free in every process. */
const BASE = 0x1000_0000;
const lazy: PagingMode = { kind: "lazy", faultAround: 1 };
const record: PagingMode = { kind: "record" };

const words = (page: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => wordOf(PID, page + i));
const zeros = (count: number): readonly number[] => Array.from({ length: count }, () => 0);
const run = (first: number, count: number) => [PID, first, count];

describe.skipIf(cannotIsolate)("PagerProcess", () => {
  let program: string;
  let programFolder: string;
  let folder: string;
  let image: string;
  let workingSet: string;
  let pager: PagerProcess;
  let complaints: string[];
  let clients: UffdClient[];

  beforeAll(async () => {
    await buildNativePrograms();
    programFolder = mkdtempSync(join(tmpdir(), "frugal-pager-client-"));
    program = await buildUffdClient(programFolder);
  });

  afterAll(() => rmSync(programFolder, { recursive: true, force: true }));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "frugal-pager-"));
    image = join(folder, "image");
    workingSet = join(folder, "working-set");
    // Two mappings of 64 and 32 pages; of the first, pages 0 to 47 have data, of the second all.
    writeImage(image, [
      { pid: PID, page: BASE, count: 48 },
      { pid: PID, page: BASE + 100, count: 32 },
    ]);
    complaints = [];
    clients = [];
    pager = new PagerProcess({
      program: nativeProgram("frugal-pager"),
      folder,
      complain: (line) => complaints.push(line),
    });
  });

  afterEach(async () => {
    await pager.close();
    await Promise.all(clients.map((client) => client.kill()));
    rmSync(folder, { recursive: true, force: true });
  });

  const newClient = (): UffdClient => {
    const client = new UffdClient(program);
    clients.push(client);
    return client;
  };

  const restored = async (
    mode: PagingMode,
    more: Partial<SessionRequest> = {},
  ): Promise<{ session: PagingSession; client: UffdClient }> => {
    const session = await pager.open({ image, mode, ...more });
    const client = newClient();
    await client.restore(session, PID, [
      { page: BASE, count: 64 },
      { page: BASE + 100, count: 32 },
    ]);
    await session.finished;
    return { session, client };
  };

  it("serves pages of the image and zero pages on demand", async () => {
    const { session, client } = await restored(lazy);
    expect(await client.read(BASE + 46, 4)).toEqual([...words(BASE + 46, 2), ...zeros(2)]);
    expect(await client.read(BASE + 100, 32)).toEqual(words(BASE + 100, 32));
    await client.kill();
    expect(await session.ended).toEqual({
      kind: "ended",
      faults: 36,
      pages: 34,
      zeroPages: 2,
      removedPages: 0,
      forks: 0,
    });
  });

  it("records exactly what was touched", async () => {
    const { session, client } = await restored(record);
    await client.do(`write ${BASE + 3} 2 9`);
    await client.read(BASE + 47, 2);
    const { faults, pages } = await session.touched();
    expect(faults).toBe(4);
    expect(pages.toJSON()).toEqual([run(BASE + 3, 2), run(BASE + 47, 2)]);
    expect(await client.read(BASE + 3, 1)).toEqual([9]);
  });

  it("brings in the missing neighbours of a fault, within window and mapping", async () => {
    const { session, client } = await restored({ kind: "lazy", faultAround: 16 });
    expect(await client.read(BASE, 48)).toEqual(words(BASE, 48));
    expect(await client.read(BASE + 100, 32)).toEqual(words(BASE + 100, 32));
    const windows = new Set(words(BASE + 100, 32).map((_, i) => Math.floor((BASE + 100 + i) / 16)));
    expect((await session.touched()).faults).toBe(3 + windows.size);
  });

  const installAhead = [
    { pid: PID, page: BASE, count: 20, isZero: false },
    { pid: PID, page: BASE + 50, count: 10, isZero: true },
    { pid: PID, page: BASE + 100, count: 32, isZero: false },
  ];

  it.each([false, true])("installs a working set ahead of the demand, preloaded: %s", async (isPreloaded) => {
    writeExtents(workingSet, installAhead);
    if (isPreloaded) pager.preload(workingSet);
    const { session, client } = await restored({ kind: "prefetch", workingSet, faultAround: 1 });
    expect(await session.prefetched).toMatchObject({ pages: 52, zeroPages: 10, extents: 3 });
    expect(await client.read(BASE, 21)).toEqual(words(BASE, 21));
    expect(await client.read(BASE + 48, 12)).toEqual(zeros(12));
    expect(await client.read(BASE + 100, 32)).toEqual(words(BASE + 100, 32));
    const { pages } = await session.touched();
    expect(pages.toJSON()).toEqual([run(BASE + 20, 1), run(BASE + 48, 2)]);
  });

  it("keeps a working set in memory until it is forgotten, and takes a file that replaced it", async () => {
    writeExtents(workingSet, [{ pid: PID, page: BASE, count: 2, isZero: false }]);
    pager.preload(workingSet);
    const first = await restored({ kind: "prefetch", workingSet, faultAround: 1 });
    expect((await first.session.prefetched).pages).toBe(2);
    rmSync(workingSet);
    writeExtents(workingSet, installAhead);
    const second = await restored({ kind: "prefetch", workingSet, faultAround: 1 });
    expect((await second.session.prefetched).pages).toBe(52);
    pager.forget(workingSet);
    expect(await second.client.read(BASE, 20)).toEqual(words(BASE, 20));
  });

  it("reads zeros, never the image, from pages that were given back, moved away or unmapped", async () => {
    const { session, client } = await restored({ kind: "lazy", faultAround: 16 });
    await client.read(BASE, 2);
    await client.do(`drop ${BASE + 1} 30`);
    expect(await client.read(BASE, 32)).toEqual([wordOf(PID, BASE), ...zeros(30), wordOf(PID, BASE + 31)]);
    await client.do(`move ${BASE + 100} 32 ${BASE + 500}`);
    await client.do(`unmap ${BASE + 510} 4`);
    expect(await client.read(BASE + 500, 10)).toEqual(words(BASE + 100, 10));
    expect(await client.read(BASE + 514, 18)).toEqual(words(BASE + 114, 18));
    // What was given back is not recorded as zeros: the next restore needs its data.
    const zeroed = (await session.touched()).pages;
    expect(zeroed.toJSON().every(([, first]) => first < BASE + 132)).toBe(true);
  });

  it("serves forked processes, each on its own", async () => {
    const { session, client } = await restored(record);
    await client.do(`write ${BASE} 1 7`);
    await client.do("fork");
    await client.do("take-fork");
    await client.do(`drop ${BASE + 10} 5`);
    await client.do("child 0 fork");
    await client.do("take-fork");
    await client.do(`child 0 write ${BASE + 1} 1 8`);
    expect(await client.read(BASE, 3, "child 0 child 0 ")).toEqual([7, ...words(BASE + 1, 2)]);
    expect(await client.read(BASE, 3, "child 0 ")).toEqual([7, 8, wordOf(PID, BASE + 2)]);
    expect(await client.read(BASE + 9, 7, "child 0 ")).toEqual(words(BASE + 9, 7));
    expect(await client.read(BASE + 9, 7)).toEqual([
      wordOf(PID, BASE + 9),
      ...zeros(5),
      wordOf(PID, BASE + 15),
    ]);
    await client.kill();
    expect(await session.ended).toMatchObject({ kind: "ended", forks: 2, removedPages: 5 });
  });

  it("answers threads that want the same pages at the same time", async () => {
    const { client } = await restored({ kind: "lazy", faultAround: 4 });
    await client.do(`touch ${BASE} 64 8`);
    expect(await client.read(BASE, 64)).toEqual([...words(BASE, 48), ...zeros(16)]);
  });

  it("serves many sessions at once, of which one killed does not disturb the others", async () => {
    writeExtents(workingSet, installAhead);
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        restored(i % 2 === 0 ? { kind: "prefetch", workingSet, faultAround: 1 } : { ...lazy }),
      ),
    );
    const killed = all.filter((_, i) => i % 3 === 0);
    const others = all.filter((_, i) => i % 3 !== 0);
    await Promise.all(killed.map(({ client }) => client.kill()));
    for (const { session } of killed) expect(await session.ended).toMatchObject({ kind: "ended" });
    for (const { client } of others) expect(await client.read(BASE, 48)).toEqual(words(BASE, 48));
    expect(complaints).toEqual([]);
  });

  const failure = async (session: PagingSession): Promise<string> => {
    const end = await session.ended;
    return end.kind === "failed" ? end.reason : "";
  };

  /** A session that the pager refuses once it knows what it is: the connection is closed, which ends the unit. */
  const refused = async (request: SessionRequest): Promise<string> => {
    const session = await pager.open(request);
    const client = newClient();
    await client.connect(session);
    await client.do("hangup");
    return failure(session);
  };

  it("refuses images that are broken, with the reason, and serves others meanwhile", async () => {
    const { client } = await restored(lazy);
    expect(await refused({ image: join(folder, "none"), mode: lazy })).toContain("No such file");
    const cut = join(folder, "cut");
    writeImage(cut, [{ pid: PID, page: BASE, count: 4 }]);
    truncateSync(join(cut, "page-table"), 40);
    expect(await refused({ image: cut, mode: lazy })).toContain("has not the length of its 1 entries");
    const short = join(folder, "short");
    writeImage(short, [{ pid: PID, page: BASE, count: 4 }]);
    truncateSync(join(short, "pages-1.img"), 4096);
    expect(await refused({ image: short, mode: lazy })).toContain("needs more pages than pages-1.img has");
    expect(await client.read(BASE, 48)).toEqual(words(BASE, 48));
  });

  it("refuses working sets that do not fit the image: they would corrupt the process (P3)", async () => {
    const mode: PagingMode = { kind: "prefetch", workingSet, faultAround: 1 };
    for (const extent of [
      { pid: PID, page: BASE + 40, count: 10, isZero: false },
      { pid: PID, page: BASE + 40, count: 10, isZero: true },
      { pid: PID + 1, page: BASE, count: 1, isZero: false },
    ]) {
      writeExtents(workingSet, [extent]);
      expect(await refused({ image, mode })).toContain("does not fit the image");
    }
    writeExtents(workingSet, installAhead);
    truncateSync(workingSet, 8192);
    expect(await refused({ image, mode })).toContain("has not the length that its header announces");
    writeFileSync(workingSet, "");
    expect(await refused({ image, mode })).toContain("too short");
  });

  it("closes a connection that talks nonsense", async () => {
    const { session, client } = await restored(lazy);
    const stranger = newClient();
    await stranger.connect({ socket: session.socket, records: [] });
    await stranger.send(Buffer.from("GET / HTTP/1.1\r\n"));
    await stranger.do("hangup");
    await vi.waitFor(() => expect(complaints.join()).toContain("does not begin with its length"));
    const liar = newClient();
    const lied = await pager.open({ image, mode: lazy });
    await liar.connect(lied);
    await liar.send(Buffer.from([100, 0, 0, 0, 0]));
    await liar.do("hangup");
    expect(await failure(lied)).toContain("no userfaultfd for process 100");
    expect(await client.read(BASE, 1)).toEqual(words(BASE, 1));
  });

  it("fails every session when it dies, and never lets a process see zeros instead (A1, A2, A3)", async () => {
    const { session, client } = await restored(lazy);
    await client.read(BASE, 1);
    // It does not exist, of which each process complains.
    pager.preload(workingSet);
    await vi.waitFor(() => expect(complaints).toHaveLength(1));
    const pid = await pidOfPager();
    process.kill(pid, "SIGSTOP");
    const question = expect(session.touched()).rejects.toThrow("no longer serves");
    process.kill(pid, "SIGKILL");
    await question;
    expect(await failure(session)).toContain("the pager died");
    // The process keeps its userfaultfd: it waits instead of going on with zeros.
    await client.do(`block ${BASE + 1}`);
    await client.do("hangup");
    await expect(session.touched()).rejects.toThrow("no longer serves");
    const next = await restored(lazy);
    expect(await next.client.read(BASE, 2)).toEqual(words(BASE, 2));
    await vi.waitFor(() => expect(complaints).toHaveLength(2));
  });

  const pidOfPager = async (): Promise<number> => {
    return Number((await outputOf("pgrep", ["-f", `^${nativeProgram("frugal-pager")} ${folder}/`])).trim());
  };

  it("reads a dropped image anew", async () => {
    const first = await restored(lazy);
    rmSync(image, { recursive: true });
    pager.dropImage(image);
    expect(await refused({ image, mode: lazy })).toContain("No such file");
    expect(await first.client.read(BASE, 2)).toEqual(words(BASE, 2));
  });

  it("brings ranges of files into the page cache, and minds no missing file", async () => {
    const list = join(folder, "file-ranges");
    writeFileSync(list, `0 4096 ${join(image, "pages-1.img")}\n`);
    appendFileSync(list, `0 4096 ${join(folder, "missing")}\n`);
    const { client } = await restored(lazy, { fileRanges: list });
    expect(await client.read(BASE, 1)).toEqual(words(BASE, 1));
    expect(complaints).toEqual([]);
  });

  it("ends abandoned sessions and, when closed, all", async () => {
    const never = await pager.open({ image, mode: lazy });
    never.abandon();
    expect(await failure(never)).toContain("its unit has ended");
    const { session, client } = await restored(lazy);
    await pager.close();
    expect(await failure(session)).toContain("the pager was closed");
    await client.do("hangup");
    await expect(pager.open({ image, mode: lazy })).rejects.toMatchObject({ code: "shutting-down" });
  });

  describe("for guests", () => {
    const memory = { pid: 0, page: 0, count: 256 };
    const inMemory = (page: number, count: number) =>
      Array.from({ length: count }, (_, i) => wordOf(0, page + i));

    const startGuest = async (mode: PagingMode): Promise<{ session: PagingSession; client: UffdClient }> => {
      const memoryFile = join(folder, "memory");
      writeFileSync(memoryFile, dataOf(memory));
      const session = await pager.openGuest({ memoryFile, mode });
      const client = newClient();
      // Its memory lies in two pieces, as with more than 3 GiB.
      await client.do(`map ${BASE} 200`);
      await client.do(`map ${BASE + 1000} 56`);
      await client.connect(session);
      await client.do(`guest 4096 ${BASE} 200 0 ${BASE + 1000} 56 200`);
      await session.finished;
      return { session, client };
    };

    it("serves the memory file, and zeros for what the guest gave back", async () => {
      const { session, client } = await startGuest(record);
      expect(await client.read(BASE + 198, 2)).toEqual(inMemory(198, 2));
      expect(await client.read(BASE + 1000, 2)).toEqual(inMemory(200, 2));
      await client.do(`drop ${BASE + 199} 1`);
      expect(await client.read(BASE + 199, 1)).toEqual([0]);
      expect((await session.touched()).pages.toJSON()).toEqual([[0, 198, 4]]);
      await client.kill();
      expect(await session.ended).toMatchObject({ kind: "ended", removedPages: 1, faults: 5 });
    });

    it("installs a working set of offsets in the memory file", async () => {
      writeExtents(workingSet, [{ pid: 0, page: 190, count: 20, isZero: false }]);
      const { session, client } = await startGuest({ kind: "prefetch", workingSet, faultAround: 1 });
      expect(await session.prefetched).toMatchObject({ pages: 20, zeroPages: 0 });
      expect(await client.read(BASE + 189, 11)).toEqual(inMemory(189, 11));
      expect(await client.read(BASE + 1000, 11)).toEqual(inMemory(200, 11));
      expect((await session.touched()).pages.toJSON()).toEqual([
        [0, 189, 1],
        [0, 210, 1],
      ]);
    });

    it("refuses memory that is larger than its file, and withdraws the socket of an abandoned session", async () => {
      const memoryFile = join(folder, "memory");
      writeFileSync(memoryFile, dataOf({ ...memory, count: 10 }));
      const session = await pager.openGuest({ memoryFile, mode: lazy });
      const client = newClient();
      await client.do(`map ${BASE} 20`);
      await client.connect(session);
      await client.do(`guest 4096 ${BASE} 20 0`);
      expect(await failure(session)).toContain("larger than");

      const abandoned = await pager.openGuest({ memoryFile, mode: lazy });
      expect(existsSync(abandoned.socket)).toBe(true);
      abandoned.abandon();
      await vi.waitFor(() => expect(existsSync(abandoned.socket)).toBe(false));
    });
  });
});
