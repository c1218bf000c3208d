import { describe, expect, it } from "vitest";
import { defaultDataDirectory, resolveConfig } from "./config.ts";
import { anyNumber } from "../test/matchers.ts";

const data = { dataDirectory: "/data" };

describe("resolveConfig()", () => {
  it("leaves nothing open", () => {
    expect(resolveConfig(data, {})).toMatchObject({
      host: "127.0.0.1",
      port: 8787,
      dataDirectory: "/data",
      auth: true,
      capacity: { cores: anyNumber, instances: 1000 },
      startPolicy: "cheapest-in-time",
      startPolicyOptions: {},
      snapshots: { sizeBytes: 4 * 1024 ** 3, reserve: 2, hotBytes: 256 * 1024 ** 2 },
      drainSeconds: 30,
      logs: { files: 4, fileBytes: 8 * 1024 ** 2 },
    });
    expect(resolveConfig({}, {}).dataDirectory).toBe(defaultDataDirectory({}));
  });

  it("takes options before the environment, and the environment before defaults, part by part", () => {
    const environment = {
      FRUGAL_PORT: "1000",
      FRUGAL_CORES: "1.5",
      FRUGAL_HOST: "localhost",
      FRUGAL_AUTH: "false",
    };
    const config = resolveConfig({ ...data, port: 2000, capacity: { instances: 7 } }, environment);
    expect(config).toMatchObject({
      port: 2000,
      host: "localhost",
      auth: false,
      capacity: { cores: 1.5, instances: 7 },
    });
  });

  it("reports all problems at once, with the known names", () => {
    const wrong: object = { ...data, port: 70_000, capacity: { coers: 2 }, prot: 1 };
    expect(() => resolveConfig(wrong, {})).toThrow(
      /port: .*capacity: unknown: coers; known: cores.*unknown: prot; known: host/,
    );
    const environment = { FRUGAL_PROT: "1", FRUGAL_PORT: "many", FRUGAL_AUTH: "no" };
    expect(() => resolveConfig(data, environment)).toThrow(
      /FRUGAL_PROT is unknown; known: FRUGAL_HOST.*FRUGAL_PORT: "many" is no number.*FRUGAL_AUTH: "no" is no true or false/,
    );
  });

  it("takes a start policy that there is, and names those where there is none", () => {
    expect(resolveConfig(data, { FRUGAL_START_POLICY: "fastest" }).startPolicy).toBe("fastest");
    expect(() => resolveConfig({ ...data, startPolicy: "slowest" }, {})).toThrow(
      /startPolicy: must be one of cheapest-in-time, fastest/,
    );
  });

  it("leaves the variables of others alone", () => {
    expect(() =>
      resolveConfig(data, { FRUGAL_ENDPOINT: "http://x", FRUGAL_API_KEY: "k", FRUGAL_NODE: "/n", PATH: "/" }),
    ).not.toThrow();
  });

  it("goes without API key only where nobody else can reach it", () => {
    for (const host of ["127.0.0.1", "127.9.9.9", "::1", "localhost"]) {
      expect(resolveConfig({ ...data, host, auth: false }, {}).auth).toBe(false);
    }
    for (const host of ["0.0.0.0", "::", "192.168.1.1", "example.org", "127.0.0.1.example.org"])
      expect(() => resolveConfig({ ...data, host, auth: false }, {})).toThrow(/only listen on this machine/);
  });
});
