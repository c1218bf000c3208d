/**
 * Drives the program of this folder: a process whose memory the pager serves, with the part of criu or Firecracker in it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { PagingSession } from "../../src/snapshot/pager/pager.ts";
import { outputOf } from "../../src/host/command.ts";

/** criu's word for "the processes are about to run". */
const FINISHED = 0x52535446;

/** Builds the program into `folder`; its path. */
export async function buildUffdClient(folder: string): Promise<string> {
  const program = join(folder, "uffd-client");
  const sources = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".c"));
  const paths = sources.map((file) => join(import.meta.dirname, file));
  await outputOf("cc", ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-pthread", "-o", program, ...paths]);
  return program;
}

/** Numbers of pages, not addresses. */
export interface Range {
  readonly page: number;
  readonly count: number;
}

export class UffdClient {
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  readonly #waiting: ((answer: string) => void)[] = [];

  constructor(program: string) {
    this.#process = spawn(program, [], { stdio: ["pipe", "pipe", "inherit"] });
    this.#process.stdin?.on("error", () => undefined);
    this.ended = new Promise((resolve) => this.#process.on("close", () => resolve()));
    if (this.#process.stdout !== null) {
      createInterface({ input: this.#process.stdout }).on("line", (line) => this.#waiting.shift()?.(line));
    }
    void this.ended.then(() => this.#waiting.splice(0).forEach((answer) => answer("gone")));
  }

  /** The answer to one command of the program; "gone" where it has ended. */
  do(command: string): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#process.stdin?.write(`${command}\n`);
    });
  }

  /** Opens the connection and says what the session is. */
  async connect({ socket, records }: Pick<PagingSession, "socket" | "records">): Promise<void> {
    await this.do(`connect ${socket}`);
    const head = Buffer.from(records.flatMap(([name, value]) => [`${name}\0`, `${value}\0`]).join(""));
    if (head.length > 0) await this.send(Buffer.concat([Buffer.from(`${head.length}\0`), head]));
  }

  send(bytes: Buffer): Promise<string> {
    return this.do(`send ${bytes.toString("hex")}`);
  }

  /** All that criu does: maps `ranges` as the memory of process `pid` of the image, and lets it run. */
  async restore(session: PagingSession, pid: number, ranges: readonly Range[]): Promise<void> {
    for (const { page, count } of ranges) await this.do(`map ${page} ${count}`);
    await this.connect(session);
    await this.do(`process ${pid}`);
    await this.finish();
  }

  async finish(): Promise<void> {
    const word = Buffer.alloc(4);
    word.writeUInt32LE(FINISHED);
    await this.send(word);
  }

  /** The word that fills each page; NaN where a page is not filled with one. */
  async read(page: number, count: number, prefix = ""): Promise<readonly number[]> {
    return (await this.do(`${prefix}read ${page} ${count}`)).split(" ").map(Number);
  }

  kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    return this.ended;
  }
}
