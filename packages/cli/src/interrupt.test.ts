import { afterEach, describe, expect, it } from "vitest";
import { recordingTerminal } from "../test/recording-terminal.ts";
import { interruptible } from "./interrupt.ts";

const listeners = new Set<(signal: NodeJS.Signals) => void>();
afterEach(() => {
  listeners.clear();
});

function world() {
  const terminal = recordingTerminal();
  const exits: number[] = [];
  return {
    terminal,
    exits,
    environment: {},
    workingDirectory: "/",
    json: false,
    onSignal: (listener: (signal: NodeJS.Signals) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    exit: (code: number) => void exits.push(code),
    sleep: () => Promise.resolve(),
  };
}

const send = (signal: NodeJS.Signals): void => {
  for (const listener of listeners) listener(signal);
};

/** Work that ends when it is told to. */
const obedient = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => {
      reject(new Error("aborted"));
    });
  });

describe("interruptible", () => {
  it("gives the work's value, and leaves no listener behind", async () => {
    expect(await interruptible(world(), () => Promise.resolve(42))).toEqual({ kind: "done", value: 42 });
    expect(listeners.size).toBe(0);
  });

  it("aborts the work at the first signal and says how the process is to end", async () => {
    const context = world();
    const running = interruptible(context, obedient);
    send("SIGTERM");
    expect(await running).toEqual({ kind: "interrupted", exitCode: 143 });
    expect(context.exits).toEqual([]);
    expect(context.terminal.written().err).toBe("SIGTERM: cleaning up; again to stop at once\n");
    expect(listeners.size).toBe(0);
  });

  it("ends the process at the second signal", async () => {
    const context = world();
    const running = interruptible(context, obedient);
    send("SIGINT");
    send("SIGINT");
    await running;
    expect(context.exits).toEqual([130]);
  });

  it("passes on what the work throws by itself", async () => {
    await expect(interruptible(world(), () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  });
});
