import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { containing, type } from "../../test/command-line.ts";
import { type FakeDaemon, fakeDaemon } from "../../test/fake-daemon.ts";

let data: string;
let daemon: FakeDaemon;
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "connection-"));
  daemon = await fakeDaemon();
});
afterEach(async () => {
  await daemon.close();
  rmSync(data, { recursive: true, force: true });
});

const running = (url = daemon.url, pid = process.pid): void => {
  writeFileSync(join(data, "endpoint.json"), JSON.stringify({ url, pid }));
  writeFileSync(join(data, "api-key"), "file-key\n");
};
const keys = (): (string | undefined)[] => daemon.requests.map(({ authorization }) => authorization);

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("the connection", () => {
  it("is to the platform that runs in the data directory, with its key", async () => {
    running();
    expect((await type(["list", "--data", data])).exitCode).toBe(0);
    expect((await type(["list"], { environment: { FRUGAL_DATA: data } })).exitCode).toBe(0);
    expect(keys()).toEqual(["Bearer file-key", "Bearer file-key"]);
  });

  it("is to the endpoint and with the key that flags or environment name, flags first", async () => {
    const environment = { FRUGAL_ENDPOINT: daemon.url, FRUGAL_API_KEY: "env-key" };
    await type(["list"], { environment });
    await type(["list", "--api-key", "flag-key"], { environment });
    await type(["list", "--endpoint", daemon.url], {
      environment: { FRUGAL_ENDPOINT: "http://127.0.0.1:1" },
    });
    expect(keys()).toEqual(["Bearer env-key", "Bearer flag-key", undefined]);
  });

  it("sends the key of this machine's platform to no other", async () => {
    running("http://127.0.0.1:1");
    await type(["list", "--data", data, "--endpoint", daemon.url]);
    expect(keys()).toEqual([undefined]);
    running();
    await type(["list", "--data", data, "--endpoint", `${daemon.url}/`]);
    expect(keys()).toEqual([undefined, "Bearer file-key"]);
  });

  it("says what to do where no platform answers", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { exitCode, err } = await type(["list", "--endpoint", url]);
    expect(exitCode).toBe(69);
    expect(err).toContain(`frugal: No platform answers at ${url}\n`);
    expect(err).toContain("Start one: frugal up, or name another with --endpoint");
    expect((await type(["list", "--endpoint", "localhost"])).err).toContain('"localhost" is not a URL');
  });

  it("says so where something else answers, or the connection breaks", async () => {
    const server = createServer((socket) => {
      socket.once("data", (request) => {
        if (request.includes("/web")) socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\n<hi/>");
        else socket.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    try {
      const web = await type(["list", "--endpoint", `${url}/web`]);
      expect(web).toMatchObject({
        exitCode: 69,
        err: containing("is no Frugal platform (status 404)"),
      });
      const broken = await type(["list", "--endpoint", url]);
      expect(broken).toMatchObject({
        exitCode: 69,
        err: containing("ended the connection before it answered"),
      });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it("passes the platform's errors on, with their code", async () => {
    const strict = await fakeDaemon({ apiKey: "right" });
    try {
      const { exitCode, out } = await type(["list", "--json", "--endpoint", strict.url]);
      expect(exitCode).toBe(2);
      expect(JSON.parse(out)).toMatchObject({ error: { code: "unauthorized" } });
      expect((await type(["list", "--endpoint", strict.url, "--api-key", "right"])).exitCode).toBe(0);
    } finally {
      await strict.close();
    }
  });
});
