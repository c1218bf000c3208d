/**
 * What becomes of the connections of a template in its clones.
 *
 * A clone keeps those whose other end is its own, too: between its processes, and to the platform's Runtime API, which makes
 * its end anew. Every other connection is closed in the clone, as if the network had broken it: who was at its other end talks
 * to the template at most. What was bound to the address of the template's network is bound to any.
 */
import { FrugalError } from "@frugal/core";
import type { UnansweredRequest } from "../../runtime/language-runtime.ts";
import type { UnitConnection } from "../../unit/unit.ts";
import {
  decideSockets,
  type Endpoint,
  type InternetSocket,
  readInternetSockets,
  readTcpStream,
  type SocketFate,
  tcpState,
} from "../image/internet-sockets.ts";

/** As `native/init/task/plan.h` has it. */
const MOST_CONNECTIONS = 16;

/** Decides on all sockets of the image in `folder`. The result: connections to the platform, which listened on `listenOn`. */
export async function settleConnections(
  folder: string,
  listenOn: number | undefined,
  unanswered: UnansweredRequest | undefined,
): Promise<readonly UnitConnection[]> {
  const sockets = await readInternetSockets(folder);
  const fates = new Map(sockets.map((socket) => [socket.inode, fateOf(socket, sockets, listenOn)]));
  if ([...fates.values()].some((fate) => fate !== "kept")) {
    await decideSockets(folder, ({ inode }) => fates.get(inode) ?? "kept");
  }
  const kept = sockets.filter(({ inode }) => fates.get(inode) === "kept");
  const asking = kept.filter(
    (socket) => isToPlatform(socket, listenOn) && otherEnd(socket, sockets) === undefined,
  );
  if (asking.length > MOST_CONNECTIONS) {
    throw undumpable(
      `it has ${asking.length} connections to the Runtime API, and at most ${MOST_CONNECTIONS} are restored`,
    );
  }
  if (unanswered !== undefined && !asking.some(({ local }) => local.port === unanswered.port)) {
    throw undumpable("the connection on which it waits for an invocation was closed");
  }
  return Promise.all(asking.map((socket) => connectionOf(folder, socket, unanswered)));
}

function fateOf(
  socket: InternetSocket,
  sockets: readonly InternetSocket[],
  listenOn: number | undefined,
): SocketFate {
  const { isTcp, state, local, remote } = socket;
  if (!isTcp || remote.port === 0) return isEverywhere(local) ? "kept" : "unbound";
  if (state !== tcpState.established) return "closed";
  return isToPlatform(socket, listenOn) || otherEnd(socket, sockets)?.state === tcpState.established
    ? "kept"
    : "closed";
}

const isLoopback = ({ address }: Endpoint): boolean => address.startsWith("127.");

/** Every unit has that address. */
const isEverywhere = (local: Endpoint): boolean => isLoopback(local) || local.address === "0.0.0.0";

const isToPlatform = ({ isTcp, remote }: InternetSocket, listenOn: number | undefined): boolean =>
  isTcp && remote.port !== 0 && remote.port === listenOn && isLoopback(remote);

const isSame = (one: Endpoint, other: Endpoint): boolean =>
  one.address === other.address && one.port === other.port;

const otherEnd = (socket: InternetSocket, sockets: readonly InternetSocket[]): InternetSocket | undefined =>
  sockets.find(
    ({ isTcp, local, remote }) => isTcp && isSame(local, socket.remote) && isSame(remote, socket.local),
  );

async function connectionOf(
  folder: string,
  { inode, local }: InternetSocket,
  unanswered: UnansweredRequest | undefined,
): Promise<UnitConnection> {
  const { unsent, ...stream } = await readTcpStream(folder, inode);
  if (unsent > 0) throw undumpable("it was sending to the Runtime API");
  return { ...local, ...stream, unanswered: local.port === unanswered?.port ? unanswered.head : "" };
}

const undumpable = (reason: string): FrugalError => new FrugalError("snapshot-unusable", reason);
