import { expect, it } from "vitest";
import { Closers } from "./closers.ts";

it("closes everything once, the last first, whatever fails on the way (O1)", async () => {
  const closers = new Closers();
  const log: string[] = [];
  closers.add(() => void log.push("first"));
  closers.add(() => {
    log.push("second");
    throw new Error("second");
  });
  closers.add(() => {
    log.push("third");
    return Promise.reject(new Error("third"));
  });
  await expect(closers.closeAll()).rejects.toThrow("third");
  expect(log).toEqual(["third", "second", "first"]);
  await closers.closeAll();
  expect(log).toHaveLength(3);
});
