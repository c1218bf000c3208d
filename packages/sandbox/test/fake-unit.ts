import type { Server, Socket } from "node:net";
import { Duplex, PassThrough } from "node:stream";
import type { Seconds } from "@frugal/core";
import { deferred } from "../src/unit/deferred.ts";
import type { LaunchTimes, Unit, UnitExit, UnitSockets } from "../src/unit/unit.ts";

/** A unit in which nothing runs; the test says what happens to it. */
export class FakeUnit implements Unit {
  readonly isolation = { kind: "isolated" } as const;
  readonly hostPid = undefined;
  readonly channel = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly launched: Promise<LaunchTimes>;
  readonly listener: Promise<Server>;
  readonly connections: Promise<readonly Socket[]>;
  readonly exited: Promise<UnitExit>;
  isKilled = false;
  /** Whether nothing keeps it alive then. */
  endsWhenKilled = false;
  /** Restored from an image. */
  isClone = false;
  cpu: Seconds | undefined;
  /** What a dump does. */
  whenDumped: (folder: string) => Promise<UnitSockets> = () => Promise.resolve([11, 12, 13]);
  readonly #launched = deferred<LaunchTimes>();
  readonly #exited = deferred<UnitExit>();

  /** `server`, where given, is what it listens with; `connections` are those of its image. */
  constructor(server?: Server, connections: readonly Socket[] = []) {
    this.connections = Promise.resolve(connections);
    this.listener = server === undefined ? new Promise(() => undefined) : Promise.resolve(server);
    this.launched = this.#launched.promise;
    this.exited = this.#exited.promise;
  }

  launch(time: Seconds, made: Seconds = time): void {
    this.#launched.resolve({ made, launched: time });
  }

  /** It ends before its command runs. */
  refuse(exit: UnitExit): void {
    this.launched.catch(() => undefined);
    this.#launched.reject(new Error("The unit ended too early"));
    this.exit(exit);
  }

  /** Ends; with `hangs`, something still holds its output streams open. */
  exit(exit: UnitExit, hangs = false): void {
    if (!hangs) {
      this.stdout.end();
      this.stderr.end();
    }
    this.#exited.resolve(exit);
  }

  cpuTime(): Seconds | undefined {
    return this.cpu;
  }

  perfFolder(): undefined {
    return undefined;
  }

  kill(): void {
    this.isKilled = true;
    if (this.endsWhenKilled) this.exit({ kind: "signalled", signal: "SIGKILL" });
  }

  dump(folder: string): Promise<UnitSockets> {
    return this.whenDumped(folder);
  }
}
