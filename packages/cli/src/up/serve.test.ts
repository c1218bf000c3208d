import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FrugalError } from "@frugal/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { recordingTerminal } from "../../test/recording-terminal.ts";
import { readEndpoint } from "../data-directory.ts";
import type { DaemonWishes, RunDaemon } from "./daemon.ts";
import { serve } from "./serve.ts";

let data: string;
beforeEach(() => (data = mkdtempSync(join(tmpdir(), "serve-"))));
afterEach(() => {
  rmSync(data, { recursive: true, force: true });
});

/** A platform and the world around it, in which the test sends the signals. */
function world(
  more: {
    json?: boolean;
    readyFile?: string;
    daemon?: RunDaemon;
    data?: string;
    inputEnd?: Promise<void>;
  } = {},
) {
  const { inputEnd } = more;
  const terminal = recordingTerminal(inputEnd === undefined ? {} : { inputEnd });
  const events: string[] = [];
  const signals = new Set<(signal: NodeJS.Signals) => void>();
  let announceReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (announceReady = resolve));
  const runDaemon: RunDaemon = (options) => {
    writeFileSync(join(options.dataDirectory, "api-key"), "secret\n");
    return Promise.resolve({
      url: "http://127.0.0.1:4711",
      apiKey: "secret",
      limitations: ["No cgroups: limits are not enforced."],
      close: () => {
        events.push(`closed, endpoint ${existsSync(join(data, "endpoint.json")) ? "there" : "gone"}`);
        return Promise.resolve();
      },
    });
  };
  const daemon: DaemonWishes = {
    host: undefined,
    port: 0,
    dataDirectory: more.data ?? data,
    auth: undefined,
    capacity: { cores: undefined, memoryBytes: undefined },
    keepAlive: { policy: undefined },
    startPolicy: undefined,
    pace: { policy: undefined, clocks: undefined, model: undefined },
    snapshots: { sizeBytes: undefined, reserve: undefined, hotBytes: undefined },
  };
  const ended = serve(
    { daemon, readyFile: more.readyFile, endsWithInput: inputEnd !== undefined },
    more.daemon ?? runDaemon,
    {
      terminal: {
        ...terminal,
        out: (text) => {
          terminal.out(text);
          announceReady();
        },
      },
      environment: {},
      workingDirectory: data,
      json: more.json ?? false,
      onSignal: (listener) => {
        signals.add(listener);
        return () => void signals.delete(listener);
      },
      exit: (code) => events.push(`exit ${code}`),
      sleep: () => Promise.resolve(),
    },
  );
  const send = (signal: NodeJS.Signals): void => {
    for (const listener of signals) listener(signal);
  };
  return { ended, ready, send, events, signals, written: terminal.written };
}

describe("serve", () => {
  it("leaves its address while it runs, and only then (U1)", async () => {
    const { ended, ready, send, events, signals } = world();
    await ready;
    expect(await readEndpoint(data)).toEqual({ url: "http://127.0.0.1:4711", pid: process.pid });
    send("SIGTERM");
    expect(await ended).toBe(0);
    expect(events).toEqual(["closed, endpoint gone"]);
    expect(await readEndpoint(data)).toBeUndefined();
    expect(signals.size).toBe(0);
  });

  it("stops at once at the second signal (U2)", async () => {
    const { ended, ready, send, events } = world();
    await ready;
    send("SIGINT");
    send("SIGINT");
    expect(await ended).toBe(0);
    expect(events).toEqual(["exit 130", "closed, endpoint gone"]);
  });

  it("ends with its input where it is to, and a signal then stops it at once (U2)", async () => {
    let endInput: () => void = () => undefined;
    const inputEnd = new Promise<void>((resolve) => (endInput = resolve));
    const { ended, ready, events, written } = world({ inputEnd });
    await ready;
    endInput();
    expect(await ended).toBe(0);
    expect(events).toEqual(["closed, endpoint gone"]);
    expect(written().err).toContain("end of input: finishing running invocations");
  });

  it("prints one line of JSON and writes the ready file when it listens", async () => {
    const readyFile = join(data, "ready.json");
    const { ended, ready, send, written } = world({ json: true, readyFile });
    await ready;
    const line = {
      url: "http://127.0.0.1:4711",
      pid: process.pid,
      dataDirectory: data,
      apiKeyFile: join(data, "api-key"),
      limitations: ["No cgroups: limits are not enforced."],
    };
    expect(written().out).toBe(`${JSON.stringify(line)}\n`);
    expect(readFileSync(readyFile, "utf8")).toBe(written().out);
    send("SIGTERM");
    await ended;
  });

  it("shows the key once, at the first start", async () => {
    for (const isFirst of [true, false]) {
      const { ended, ready, send, written } = world();
      await ready;
      send("SIGTERM");
      await ended;
      expect(written().out.includes("API key, shown this once: secret")).toBe(isFirst);
      expect(written().err).toContain("note: No cgroups");
    }
  });

  it("refuses a data directory in which a platform runs, and takes over after one that was killed", async () => {
    writeFileSync(
      join(data, "endpoint.json"),
      JSON.stringify({ url: "http://127.0.0.1:1", pid: process.pid }),
    );
    await expect(world().ended).rejects.toThrow(/already, at http:\/\/127.0.0.1:1/);
    writeFileSync(
      join(data, "endpoint.json"),
      JSON.stringify({ url: "http://127.0.0.1:1", pid: 2 ** 22 + 1 }),
    );
    const { ended, ready, send } = world();
    await ready;
    send("SIGTERM");
    expect(await ended).toBe(0);
  });

  it("says so where the data directory cannot be made", async () => {
    writeFileSync(join(data, "file"), "");
    for (const folder of ["/proc/nowhere", join(data, "file/below")]) {
      await expect(world({ data: folder }).ended).rejects.toThrow(/The data directory .* cannot be made/);
    }
    expect(
      await world({ data: join(data, "a/b/c"), daemon: () => Promise.reject(new Error("made")) }).ended.catch(
        String,
      ),
    ).toBe("Error: made");
  });

  it("leaves nothing behind where the platform cannot start", async () => {
    const broken = new FrugalError("invalid-request", "Port 80 is taken");
    const { ended, signals } = world({ daemon: () => Promise.reject(broken) });
    await expect(ended).rejects.toBe(broken);
    expect(existsSync(join(data, "endpoint.json"))).toBe(false);
    expect(signals.size).toBe(0);
  });
});
