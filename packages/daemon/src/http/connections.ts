/**
 * The connections of an HTTP server that can close without cutting off a request.
 *
 * `Server.close` alone waits for every connection that a client keeps open: here idle ones end at once, and others with
 * their last response.
 *
 * What comes and goes with every request is kept on its connection, not in a collection: V8's sets keep what was deleted
 * alive until the next full collection (see NumberTable in core), and a response holds all of its request.
 */
import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { inMilliseconds, type Seconds } from "@frugal/core";

interface Connection {
  /** The latest response, while it is not finished. */
  response: ServerResponse | undefined;
}

export class Connections {
  readonly #server: Server;
  readonly #connections = new Map<Socket, Connection>();
  #isDraining = false;

  constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => {
      this.#connections.set(socket, { response: undefined });
      socket.on("close", () => this.#connections.delete(socket));
    });
    server.on("request", (request, response) => {
      if (this.#isDraining) response.shouldKeepAlive = false;
      const connection = this.#connections.get(request.socket);
      if (connection === undefined) return;
      connection.response = response;
      response.on("close", () => {
        this.#end(connection, response);
      });
    });
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** From now on every response is the last of its connection. */
  drain(): void {
    this.#isDraining = true;
    for (const { response } of this.#connections.values()) {
      if (response !== undefined) response.shouldKeepAlive = false;
    }
  }

  /**
   * Takes no new connections; resolves when the running requests have finished, or have been cut off after `within`: Node
   * ends its own watch over slow senders with `Server.close`, so that half a request would keep the server for ever.
   */
  close(within: Seconds): Promise<void> {
    this.drain();
    if (!this.#server.listening) return Promise.resolve();
    return new Promise((resolve) => {
      const cutOff = setTimeout(() => {
        this.#server.closeAllConnections();
      }, inMilliseconds(within));
      this.#server.close(() => {
        clearTimeout(cutOff);
        resolve();
      });
      this.#server.closeIdleConnections();
      // Connections that were opened and never used do not count as idle.
      for (const socket of this.#connections.keys()) if (socket.bytesRead === 0) socket.destroy();
    });
  }

  #end(connection: Connection, response: ServerResponse): void {
    if (connection.response === response) connection.response = undefined;
    // Its head may have promised to keep the connection.
    if (this.#isDraining) this.#server.closeIdleConnections();
  }
}
