/**
 * Who did what when: a server that steps of workflows tell of themselves, and that outlives the platform.
 */
import { createServer, type Server } from "node:http";
import { json } from "node:stream/consumers";

export interface Note {
  /** Of the run. */
  readonly key: string;
  readonly step: string;
  /** What the functions before it gave, in order. */
  readonly tokens: readonly string[];
  /** Milliseconds since 1970. */
  readonly time: number;
}

export class Ledger {
  readonly notes: Note[] = [];
  readonly url: string;
  readonly #server: Server;
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  static async open(): Promise<Ledger> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Ledger(server);
  }

  private constructor(server: Server) {
    const address = server.address();
    this.#server = server;
    this.url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    server.on("request", (request, response) => {
      void json(request).then((body) => {
        this.#take({ ...(body as Omit<Note, "time">), time: Date.now() });
        response.writeHead(200, { "content-type": "application/json" }).end('{"noted":true}');
      });
    });
  }

  /** Resolves when there are `count` notes. */
  reaches(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve });
      this.#wake();
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.closeAllConnections();
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #take(note: Note): void {
    this.notes.push(note);
    this.#wake();
  }

  #wake(): void {
    for (const { count, resolve } of this.#waiting) if (this.notes.length >= count) resolve();
  }
}
