import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeFiles, fakeStream } from "../../../test/fake-sockets.ts";
import {
  decideSockets,
  type InternetSocket,
  readInternetSockets,
  readTcpStream,
} from "./internet-sockets.ts";

describe("internet sockets of an image", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "frugal-sockets-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const files = (): Buffer => readFileSync(join(folder, "files.img"));

  it("are read with their ends, those of IPv6 that mean IPv4 as IPv4", async () => {
    writeFileSync(
      join(folder, "files.img"),
      fakeFiles([
        { inode: 7, local: ["127.0.0.1", 9], remote: ["10.1.2.3", 443] },
        { inode: 8, local: ["::ffff:127.0.0.1", 10], remote: ["::ffff:127.0.0.1", 9001] },
        { inode: 9, local: ["::", 80], state: 10 },
        { inode: 10, local: ["2001:db8::1", 5353], protocol: 17, state: 7 },
      ]),
    );
    expect(await readInternetSockets(folder)).toEqual([
      socket(7, 1, ["127.0.0.1", 9], ["10.1.2.3", 443]),
      socket(8, 1, ["127.0.0.1", 10], ["127.0.0.1", 9001]),
      socket(9, 10, ["0.0.0.0", 80], ["0.0.0.0", 0]),
      { ...socket(10, 7, ["::", 5353], ["0.0.0.0", 0]), isTcp: false },
    ]);
  });

  it("are changed as decided, and nothing else is", async () => {
    const kept = { inode: 1, local: ["127.0.0.1", 1], remote: ["127.0.0.1", 2] } as const;
    const closed = { inode: 0xabc, local: ["10.0.0.1", 3], remote: ["10.0.0.2", 4] } as const;
    const unbound = { inode: 3, local: ["10.0.0.1", 5], remote: ["10.0.0.2", 6], protocol: 17 } as const;
    writeFileSync(join(folder, "files.img"), fakeFiles([kept, closed, unbound]));
    writeFileSync(join(folder, "tcp-stream-abc.img"), fakeStream({}));
    await decideSockets(folder, ({ inode }) => (inode === 1 ? "kept" : inode === 3 ? "unbound" : "closed"));
    const none = ["0.0.0.0", 0] as const;
    expect(files()).toEqual(
      fakeFiles([
        kept,
        { ...closed, local: none, remote: none, state: 7 },
        { ...unbound, local: ["0.0.0.0", 5] },
      ]),
    );
    expect(existsSync(join(folder, "tcp-stream-abc.img"))).toBe(false);
  });

  it("stay what they are, byte for byte, where all are kept", async () => {
    const port = fc.integer({ min: 0, max: 65535 });
    const end = fc.tuple(fc.ipV4(), port);
    const socket = fc.record({ inode: fc.nat(), local: end, remote: end });
    await fc.assert(
      fc.asyncProperty(fc.array(socket), async (sockets) => {
        const image = fakeFiles(sockets);
        writeFileSync(join(folder, "files.img"), image);
        await decideSockets(folder, () => "kept");
        expect(files().equals(image)).toBe(true);
      }),
    );
  });

  it("have streams, whose sequence numbers are of what was sent", async () => {
    const image = fakeStream({ 2: 77, 4: 5, 5: 7, 7: 65495, 9: 123, 12: 10, 14: 1000, 16: 2000 });
    writeFileSync(
      join(folder, "tcp-stream-1f.img"),
      Buffer.concat([image, Buffer.from("what is in its queues")]),
    );
    expect(await readTcpStream(folder, 0x1f)).toEqual({
      sent: 2 ** 32 - 5,
      received: 77,
      unsent: 10,
      options: 7,
      segmentSize: 65495,
      sendScale: 0,
      receiveScale: 0,
      timestamp: 123,
      sendWindow: 1000,
      receiveWindow: 2000,
    });
  });
});

type End = readonly [address: string, port: number];

const socket = (
  inode: number,
  state: number,
  [local, localPort]: End,
  [remote, remotePort]: End,
): InternetSocket => ({
  inode,
  isTcp: true,
  state,
  local: { address: local, port: localPort },
  remote: { address: remote, port: remotePort },
});
