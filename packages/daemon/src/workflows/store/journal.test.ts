import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { ManualClock, turns } from "../../../test/manual-clock.ts";
import { Journal } from "./journal.ts";

let database: DatabaseSync;
let clock: ManualClock;
let journal: Journal;
let faults: unknown[];

function fresh(): void {
  database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE written (n INTEGER)");
  clock = new ManualClock();
  faults = [];
  journal = new Journal(database, clock, (fault) => faults.push(fault));
}
beforeEach(fresh);

const insert = (n: number): void => {
  database.prepare("INSERT INTO written (n) VALUES (?)").run(n);
};
const written = (): readonly unknown[] =>
  database
    .prepare("SELECT n FROM written ORDER BY rowid")
    .all()
    .map(({ n }) => n);

/** The next so many commits fail, as on a full disk. */
function failNext(times: number): void {
  const exec = database.exec.bind(database);
  let left = times;
  database.exec = (sql) => {
    if (sql === "COMMIT" && left-- > 0) throw new Error("disk full");
    exec(sql);
  };
}

describe("Journal", () => {
  it("writes in order, and then does what follows, in order and once (W1, W2)", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("write", "after", "write then", "turn"), { maxLength: 20 }),
        fc.nat({ max: 3 }),
        async (steps, failures) => {
          fresh();
          failNext(failures);
          const expected: number[] = [];
          const followed: number[] = [];
          const order: number[] = [];
          for (const [n, step] of steps.entries()) {
            const follow = (): void => {
              followed.push(n);
              // All that was written before is on disk by now.
              expect(written()).toEqual(expect.arrayContaining(expected.filter((m) => m <= n)));
            };
            if (step === "turn") await turns(1);
            else if (step === "after") journal.after(follow);
            else journal.write(() => insert(n), step === "write" ? undefined : follow);
            if (step.startsWith("write")) expected.push(n);
            if (step === "after" || step === "write then") order.push(n);
          }
          for (let i = 0; i <= failures; i++) {
            await turns();
            clock.advance(1);
          }
          await turns();
          expect(written()).toEqual(expected);
          expect(followed).toEqual(order);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("gives up at once what may be given up, and keeps the rest", async () => {
    failNext(1);
    const told: string[] = [];
    journal.tryWrite(
      () => insert(1),
      () => told.push("written"),
      ({ code }) => told.push(code),
    );
    journal.write(() => insert(2));
    await turns();
    expect(told).toEqual(["storage-failed"]);
    expect(faults).toHaveLength(1);
    clock.advance(1);
    expect(written()).toEqual([2]);
  });

  it("leaves out what no disk would take, and holds nothing else up (W3)", async () => {
    const told: string[] = [];
    journal.write(() => insert(1));
    journal.write(
      () => {
        throw new RangeError("Invalid string length");
      },
      () => told.push("after"),
    );
    journal.tryWrite(
      () => {
        throw new RangeError("Invalid string length");
      },
      () => told.push("started"),
      ({ code }) => told.push(code),
    );
    journal.write(() => {
      database.exec("CREATE UNIQUE INDEX once ON written (n)");
      insert(1);
    });
    journal.write(() => insert(2));
    await turns();
    expect(written()).toEqual([1, 2]);
    expect(told).toEqual(["internal", "after"]);
    expect(faults).toHaveLength(3);
  });

  it("goes on after an action that throws, and writes what is left when it is closed", async () => {
    journal.write(
      () => insert(1),
      () => {
        throw new Error("a fault");
      },
    );
    let isDone = false;
    journal.after(() => (isDone = true));
    await turns();
    expect(faults).toMatchObject([{ message: "a fault" }]);
    expect(isDone).toBe(true);
    journal.write(
      () => insert(2),
      () => expect.unreachable(),
    );
    journal.close();
    journal.write(() => insert(3));
    await turns();
    expect(written()).toEqual([1, 2]);
  });
});
