/**
 * The internet sockets of an image: in `files.img` among all open files (criu's images/fdinfo.proto, sk-inet.proto), and the
 * state of each TCP connection in a `tcp-stream-<inode>.img` of its own (images/tcp-stream.proto).
 */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeImage, readImage } from "./image-file.ts";
import { fieldsOf, integersOf, type MessageField } from "./protobuf.ts";
import { messageOf } from "./protobuf-writer.ts";

/** As far as they matter here; numbers of the kernel. */
export const tcpState = { established: 1, closed: 7, listening: 10 } as const;
const TCP = 6;

export interface Endpoint {
  /** IPv4, also where the socket is of IPv6; of other IPv6 addresses, "::". */
  readonly address: string;
  /** 0 for none. */
  readonly port: number;
}

export interface InternetSocket {
  readonly inode: number;
  readonly isTcp: boolean;
  readonly state: number;
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

/** What was said on a TCP connection so far. Sequence numbers are those behind the last byte. */
interface TcpStream {
  readonly sent: number;
  readonly received: number;
  /** Bytes that were written, but not sent. */
  readonly unsent: number;
  /** TCPI_OPT_ bits. */
  readonly options: number;
  readonly segmentSize: number;
  readonly sendScale: number;
  readonly receiveScale: number;
  readonly timestamp: number;
  readonly sendWindow: number;
  readonly receiveWindow: number;
}

/** How a clone gets a socket: as it was; as one that was never connected; or bound to no address of the unit's network. */
export type SocketFate = "kept" | "closed" | "unbound";

const FILE_SOCKET = 4;
const socketField = {
  inode: 2,
  protocol: 5,
  state: 6,
  localPort: 7,
  remotePort: 8,
  localAddress: 11,
  remoteAddress: 12,
} as const;
const stream = {
  received: 2,
  written: 4,
  options: 5,
  sendScale: 6,
  segmentSize: 7,
  receiveScale: 8,
  timestamp: 9,
  unsent: 12,
  sendWindow: 14,
  receiveWindow: 16,
} as const;

export const readInternetSockets = (folder: string): Promise<readonly InternetSocket[]> =>
  readImage({ folder, kind: "files" }, (files) =>
    files.flatMap((file) => [...fieldsOf(file)].filter(isSocket).map(({ value }) => socketOf(value))),
  );

export const readTcpStream = (folder: string, inode: number): Promise<TcpStream> =>
  readImage({ folder, kind: "tcp-stream", id: inode.toString(16) }, ([message]) => {
    if (message === undefined) throw new RangeError("it is empty");
    const fields = integersOf(message);
    const of = (name: keyof typeof stream): number => fields.get(stream[name]) ?? 0;
    const unsent = of("unsent");
    return {
      sent: (of("written") - unsent) >>> 0,
      received: of("received"),
      unsent,
      options: of("options"),
      segmentSize: of("segmentSize"),
      sendScale: of("sendScale"),
      receiveScale: of("receiveScale"),
      timestamp: of("timestamp"),
      sendWindow: of("sendWindow"),
      receiveWindow: of("receiveWindow"),
    };
  });

/** Changes the image, where any of the sockets is not to be kept. */
export async function decideSockets(
  folder: string,
  fateOf: (socket: InternetSocket) => SocketFate,
): Promise<void> {
  const closed: number[] = [];
  const files = await readImage({ folder, kind: "files" }, (messages) =>
    messages.map((file) => {
      const fields = [...fieldsOf(file)];
      const found = fields.find(isSocket);
      if (found === undefined) return file;
      const socket = socketOf(found.value);
      const fate = fateOf(socket);
      if (fate === "closed") closed.push(socket.inode);
      return fate === "kept"
        ? file
        : messageOf(fields.map((field) => (field === found ? changed(found, fate) : field)));
    }),
  );
  await writeFile(join(folder, "files.img"), encodeImage("files", files));
  for (const inode of closed) await rm(join(folder, `tcp-stream-${inode.toString(16)}.img`), { force: true });
}

type SocketField = MessageField & { readonly kind: "bytes" };

const isSocket = (field: MessageField): field is SocketField =>
  field.number === FILE_SOCKET && field.kind === "bytes";

function changed(socket: SocketField, fate: Exclude<SocketFate, "kept">): SocketField {
  const { state, localPort, remotePort, localAddress, remoteAddress } = socketField;
  const values: ReadonlyMap<number, number> =
    fate === "unbound"
      ? new Map([[localAddress, 0]])
      : new Map([
          [state, tcpState.closed],
          ...[localPort, remotePort, localAddress, remoteAddress].map((number): [number, number] => [
            number,
            0,
          ]),
        ]);
  const fields = [...fieldsOf(socket.value)].map((field): MessageField => {
    const value = values.get(field.number);
    return field.kind === "integer" && value !== undefined ? { ...field, value } : field;
  });
  return { ...socket, value: messageOf(fields) };
}

function socketOf(message: Buffer): InternetSocket {
  const fields = integersOf(message);
  const of = (name: keyof typeof socketField): number => fields.get(socketField[name]) ?? 0;
  return {
    inode: of("inode"),
    isTcp: of("protocol") === TCP,
    state: of("state"),
    local: { address: addressOf(message, socketField.localAddress), port: of("localPort") },
    remote: { address: addressOf(message, socketField.remoteAddress), port: of("remotePort") },
  };
}

/** The words of an address in memory order, read as little-endian: one for IPv4, four for IPv6. */
function addressOf(message: Buffer, number: number): string {
  const words = [...fieldsOf(message)].flatMap((field) =>
    field.number === number && field.kind === "integer" ? [field.value] : [],
  );
  const last = words.at(-1) ?? 0;
  const isMapped = words.length === 4 && words[0] === 0 && words[1] === 0 && words[2] === 0xffff_0000;
  const isNone = words.every((word) => word === 0);
  if (words.length === 4 && !isMapped && !isNone) return "::";
  return [0, 8, 16, 24].map((shift) => (last >>> shift) & 0xff).join(".");
}
