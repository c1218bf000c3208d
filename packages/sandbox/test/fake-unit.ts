import type { Server } from "node:net";
import { Duplex, PassThrough } from "node:stream";
import type { Seconds } from "@frugal/core";
import { deferred } from "../src/unit/deferred.ts";
import type { Unit, UnitExit } from "../src/unit/unit.ts";

/** A unit in which nothing runs; the test says what happens to it. */
export class FakeUnit implements Unit {
  readonly isolation = { kind: "isolated" } as const;
  readonly channel = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly launched: Promise<Seconds>;
  readonly listener: Promise<Server>;
  readonly exited: Promise<UnitExit>;
  isKilled = false;
  readonly #launched = deferred<Seconds>();
  readonly #exited = deferred<UnitExit>();

  /** `server`, where given, is what it listens with. */
  constructor(server?: Server) {
    this.listener = server === undefined ? new Promise(() => undefined) : Promise.resolve(server);
    this.launched = this.#launched.promise;
    this.exited = this.#exited.promise;
  }

  launch(time: Seconds): void {
    this.#launched.resolve(time);
  }

  /** Ends; with `hangs`, something still holds its output streams open. */
  exit(exit: UnitExit, hangs = false): void {
    if (!hangs) {
      this.stdout.end();
      this.stderr.end();
    }
    this.#exited.resolve(exit);
  }

  cpuTime(): undefined {
    return undefined;
  }

  kill(): void {
    this.isKilled = true;
  }
}
