/**
 * One process of the native pager: its commands, its reports, its end.
 *
 * It ends when its standard input does, so also when this process is killed; every unit that it serves ends with it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { FrugalError, messageOf } from "@frugal/core";
import { deferred } from "../../unit/deferred.ts";
import { parseReport, type SessionReport } from "./report.ts";

export interface PagerListener {
  /** `session` is undefined where a connection failed before its session was known. */
  hear(session: number | undefined, report: SessionReport): void;
  /** What the pager complains of: a line of its standard error. */
  complain(line: string): void;
}

export class RunningPager {
  readonly socket: string;
  /** Resolves with the reason; never rejects. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  readonly #listening = deferred<undefined>();
  #fault: string | undefined;

  private constructor(program: string, socket: string, listener: PagerListener) {
    this.socket = socket;
    // A session of its own: a terminal's interrupt is for the platform, which ends its units in order.
    this.#child = spawn(program, [socket], {
      stdio: ["pipe", "pipe", "pipe"],
      env: {},
      cwd: "/",
      detached: true,
    });
    const { stdin, stdout, stderr } = this.#child;
    // A pager that is gone is found out by its exit.
    stdin?.on("error", () => undefined);
    if (stdout !== null) createInterface({ input: stdout }).on("line", (line) => this.#hear(line, listener));
    if (stderr !== null) createInterface({ input: stderr }).on("line", (line) => listener.complain(line));
    this.exited = new Promise((resolve) => {
      this.#child.on("close", (code, signal) =>
        resolve(this.#fault ?? `it ended with ${signal ?? `code ${code}`}`),
      );
      this.#child.on("error", (error) => resolve(error.message));
    });
  }

  /** Resolves when it listens at `socket`. */
  static async start(program: string, socket: string, listener: PagerListener): Promise<RunningPager> {
    const pager = new RunningPager(program, socket, listener);
    const failed = pager.exited.then((reason) => {
      throw new FrugalError("host-unsupported", `The pager cannot be started: ${reason}`, {
        details: { program },
      });
    });
    await Promise.race([pager.#listening.promise, failed]);
    failed.catch(() => undefined);
    return pager;
  }

  /** One command; no value may contain a line break. */
  send(command: string): void {
    if (command.includes("\n")) {
      throw new FrugalError(
        "invalid-request",
        `A path of a snapshot contains a line break: ${JSON.stringify(command)}`,
      );
    }
    this.#child.stdin?.write(`${command}\n`);
  }

  close(): void {
    this.#child.stdin?.end();
  }

  #hear(line: string, listener: PagerListener): void {
    try {
      const report = parseReport(line);
      if (report.kind === "listening") this.#listening.resolve(undefined);
      else listener.hear(report.session, report.report);
    } catch (error) {
      this.#fault ??= messageOf(error);
      this.#child.kill("SIGKILL");
    }
  }
}
