import { describe, expect, it } from "vitest";
import { patternOf } from "./arrival-pattern.ts";

const hour = (countOf: (minute: number) => number): readonly number[] =>
  Array.from({ length: 60 }, (_, minute) => countOf(minute));

describe("patternOf", () => {
  it.each([
    ["rare", hour((minute) => (minute === 7 || minute === 40 ? 1 : 0))],
    ["periodic", hour((minute) => (minute % 5 === 2 ? 1 : 0))],
    ["periodic", hour((minute) => (minute % 15 === 0 ? 40 : 0))],
    ["steady", hour((minute) => (minute % 2 === 0 ? 2 : 3))],
    ["bursty", hour((minute) => (minute > 20 && minute < 24 ? 30 : 0))],
  ])("calls the shape by its name: %s", (pattern, counts) => {
    expect(patternOf(counts)).toBe(pattern);
  });

  it.each([
    ["silent", hour(() => 0)],
    ["an hour of one invocation a minute", hour(() => 1)],
    ["too frequent", hour(() => 100)],
    ["a burst over 60 in a minute", hour((minute) => (minute === 9 ? 61 : minute === 12 ? 5 : 0))],
    ["irregular but not in bursts", hour((minute) => (minute % 7 < 2 ? 1 : 0))],
  ])("has no name for %s", (_, counts) => {
    expect(patternOf(counts)).toBeUndefined();
  });
});
