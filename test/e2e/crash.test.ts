/**
 * I1 end to end, in small: the full figure is measured by `frugal bench crash`.
 */
import { expect, it } from "vitest";
import { crashTest } from "../../bench/crash.bench.ts";

it("executes or records as failed what was accepted, across kill -9 of the daemon and of instances (I1)", async () => {
  const result = await crashTest({ invocations: 150, kills: 3, seed: 11, note: () => undefined });
  expect(result).toMatchObject({ kills: 3, accepted: 150, lost: 0, wrong: 0 });
  expect(result.succeeded + result.failed).toBe(150);
}, 120_000);
