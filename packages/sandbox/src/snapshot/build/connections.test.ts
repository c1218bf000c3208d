import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeFiles, type FakeSocket, fakeStream } from "../../../test/fake-sockets.ts";
import type { UnansweredRequest } from "../../runtime/language-runtime.ts";
import type { UnitConnection } from "../../unit/unit.ts";
import { readInternetSockets } from "../image/internet-sockets.ts";
import { settleConnections } from "./connections.ts";

const API = 9001;
const asking = { inode: 0x10, local: ["127.0.0.1", 40000], remote: ["127.0.0.1", API] } as const;
const request = { port: 40000, head: "GET /next HTTP/1.1\r\n\r\n" };

describe("settleConnections()", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "frugal-connections-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const settle = (
    sockets: readonly FakeSocket[],
    unanswered?: UnansweredRequest,
    listenOn = API,
  ): Promise<readonly UnitConnection[]> => {
    writeFileSync(join(folder, "files.img"), fakeFiles(sockets));
    return settleConnections(folder, listenOn, unanswered);
  };
  const stream = (inode: number, fields: Readonly<Record<number, number>>): void =>
    writeFileSync(join(folder, `tcp-stream-${inode.toString(16)}.img`), fakeStream(fields));

  it("tells the connections to the platform, one of them with the request that waits", async () => {
    stream(0x10, { 2: 500, 4: 900, 5: 7, 6: 7, 7: 65483, 8: 8, 9: 99, 14: 3, 16: 4 });
    stream(0x11, { 2: 1, 4: 2 });
    const idle = { ...asking, inode: 0x11, local: ["127.0.0.1", 40001] } as const;
    expect(await settle([asking, idle], request)).toEqual([
      {
        address: "127.0.0.1",
        port: 40000,
        sent: 900,
        received: 500,
        options: 7,
        segmentSize: 65483,
        sendScale: 7,
        receiveScale: 8,
        timestamp: 99,
        sendWindow: 3,
        receiveWindow: 4,
        unanswered: request.head,
      },
      expect.objectContaining({ port: 40001, sent: 2, received: 1, unanswered: "" }),
    ]);
  });

  it.each<[string, FakeSocket[], closed: number[]]>([
    [
      "between processes of the image",
      [
        { inode: 1, local: ["127.0.0.1", 80], remote: ["127.0.0.1", 81] },
        { inode: 2, local: ["::ffff:127.0.0.1", 81], remote: ["::ffff:127.0.0.1", 80] },
      ],
      [],
    ],
    ["that listen", [{ inode: 1, local: ["0.0.0.0", 80], state: 10 }], []],
    ["to the outside", [{ inode: 1, local: ["10.0.0.1", 80], remote: ["10.0.0.2", 81] }], [1]],
    ["to nobody that is left", [{ inode: 1, local: ["127.0.0.1", 80], remote: ["127.0.0.1", 81] }], [1]],
    [
      "that are being made",
      [{ inode: 1, local: ["127.0.0.1", 80], remote: ["127.0.0.1", API], state: 2 }],
      [1],
    ],
    [
      "of which one end is closed",
      [
        { inode: 1, local: ["127.0.0.1", 80], remote: ["127.0.0.1", 81], state: 5 },
        { inode: 2, local: ["127.0.0.1", 81], remote: ["127.0.0.1", 80], state: 8 },
      ],
      [1, 2],
    ],
  ])("decides on sockets %s", async (_what, sockets, closed) => {
    expect(await settle(sockets)).toEqual([]);
    const after = await readInternetSockets(folder);
    expect(after.filter(({ state }) => state === 7).map(({ inode }) => inode)).toEqual(closed);
  });

  it("binds to any address what was bound to one of the unit's network, but not what is on loopback", async () => {
    await settle([
      { inode: 1, local: ["10.0.0.1", 53], remote: ["10.0.0.2", 53], protocol: 17 },
      { inode: 2, local: ["10.0.0.1", 80], state: 10 },
      { inode: 3, local: ["127.0.0.1", 80], state: 10 },
    ]);
    const after = await readInternetSockets(folder);
    expect(after.map(({ local }) => local.address)).toEqual(["0.0.0.0", "0.0.0.0", "127.0.0.1"]);
  });

  it("closes a connection to the API's port where the platform does not listen there", async () => {
    expect(await settle([asking], undefined, API + 1)).toEqual([]);
    expect((await readInternetSockets(folder))[0]?.state).toBe(7);
  });

  it("refuses what cannot be continued", async () => {
    stream(0x10, { 4: 1, 12: 1 });
    await expect(settle([asking], request)).rejects.toThrow("it was sending to the Runtime API");
    await expect(settle([{ ...asking, state: 8 }], request)).rejects.toThrow("was closed");
    const many = Array.from({ length: 17 }, (_, i) => ({
      ...asking,
      inode: i,
      local: ["127.0.0.1", i + 1] as const,
    }));
    await expect(settle(many)).rejects.toThrow("17 connections");
  });
});
