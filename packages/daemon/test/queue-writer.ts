/**
 * A process that accepts asynchronous invocations until it is killed, and prints the id of each that it acknowledged.
 * Some run and never end, so that the kill hits running ones too.
 */
import { writeSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { resolveConfig } from "../src/config.ts";
import { systemClock } from "../src/platform/system-clock.ts";
import { AsyncQueue } from "../src/queue/async-queue.ts";
import { queueOptions } from "../src/queue/queue-options.ts";
import { openDatabase } from "../src/registry/database.ts";
import { FunctionStore } from "../src/registry/function-store.ts";
import { FakePlatform } from "./fake-platform.ts";

const dataDirectory = process.argv[2] ?? "";
const database = openDatabase(dataDirectory);
const functions = new FunctionStore(database, () => "");
const platform = new FakePlatform();
let taken = 0;
platform.behave("hello", (_request, done) => {
  if (taken++ % 2 === 0) {
    done({ kind: "success", payload: Buffer.from("1"), cpu: undefined, pageFaults: undefined });
  }
});
const { async } = resolveConfig({ dataDirectory }, {});
const queue = new AsyncQueue({
  database,
  platform,
  functions,
  clock: systemClock,
  options: queueOptions(async),
});
queue.start();

function acceptSome(): void {
  for (let i = 0; i < 20; i++) {
    const requestId = randomUUID();
    queue.enqueue(
      {
        requestId,
        function: "hello",
        payload: Buffer.from(`{"i":${i}}`),
        traceId: undefined,
        clientContext: undefined,
      },
      (error) => {
        if (error === undefined) writeSync(1, `${requestId}\n`);
      },
    );
  }
  setImmediate(acceptSome);
}
acceptSome();
