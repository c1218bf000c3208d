import { embedded, image, message, varint } from "./fake-image.ts";

export interface FakeSocket {
  readonly inode: number;
  readonly local: readonly [address: string, port: number];
  readonly remote?: readonly [address: string, port: number];
  /** The kernel's number; established if left out. */
  readonly state?: number;
  /** TCP if left out. */
  readonly protocol?: number;
}

/** A regular file, then one open file for each socket: `files.img` as criu would have it. */
export const fakeFiles = (sockets: readonly FakeSocket[]): Buffer =>
  image(0x56303138, [
    Buffer.concat([message({ 1: 1, 2: 1 }), embedded(3, message({ 1: 1, 2: 0 }))]),
    ...sockets.map((socket, index) =>
      Buffer.concat([message({ 1: 4, 2: index + 2 }), embedded(4, socketMessage(socket, index + 2))]),
    ),
  ]);

/** A connection's state by its fields' numbers: a `tcp-stream` image without queues. */
export const fakeStream = (fields: Readonly<Record<number, number>>): Buffer =>
  image(0x51465506, [message(fields)]);

function socketMessage({ inode, local, remote, state = 1, protocol = 6 }: FakeSocket, id: number): Buffer {
  const [localWords, remoteWords] = [wordsOf(local[0]), wordsOf(remote?.[0] ?? emptyLike(local[0]))];
  return Buffer.concat([
    message({ 1: id, 2: inode, 3: localWords.length === 4 ? 10 : 2, 4: protocol === 6 ? 1 : 2, 5: protocol }),
    message({ 6: state, 7: local[1], 8: remote?.[1] ?? 0, 9: 2, 10: 101 }),
    ...localWords.map((word) => Buffer.concat([varint(11 * 8), varint(word)])),
    ...remoteWords.map((word) => Buffer.concat([varint(12 * 8), varint(word)])),
    embedded(13, message({ 1: 0, 2: 0 })),
  ]);
}

const emptyLike = (address: string): string => (address.includes(":") ? "::" : "0.0.0.0");

/** An address's bytes as little-endian words. */
function wordsOf(address: string): readonly number[] {
  const bytes = Buffer.from(address.includes(":") ? bytesOfIpv6(address) : address.split(".").map(Number));
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(4 * index));
}

function bytesOfIpv6(address: string): readonly number[] {
  const plain = address.replace(/\d+\.\d+\.\d+\.\d+$/, (tail) => {
    const [a = 0, b = 0, c = 0, d = 0] = tail.split(".").map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = "", tail = ""] = plain.split("::");
  const groups = [head, tail].map((part) => part.split(":").filter((group) => group !== ""));
  const [first = [], last = []] = groups;
  const zeros = Array<string>(8 - first.length - last.length).fill("0");
  return [...first, ...zeros, ...last].flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
