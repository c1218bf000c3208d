import { bytes, functionName } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { functionArn, parseFunctionReference } from "./function-arn.ts";
import { completeSettings, definitionOf, type GivenSettings, storedSettings } from "./function-settings.ts";
import { matching } from "../../test/matchers.ts";

const least: GivenSettings = { runtime: "nodejs", handler: "index.handler" };

describe("completeSettings()", () => {
  it("fills in every default", () => {
    expect(completeSettings(least, undefined)).toEqual({
      ...least,
      description: "",
      environment: {},
      architectures: [matching(/^(x86_64|arm64)$/)],
      memoryMiB: 256,
      temporaryStorageMiB: 512,
      timeoutSeconds: 3,
      cores: 1,
      concurrency: 1,
      provisioned: 0,
      maxInstances: 1000,
      maxQueue: 1000,
      queueTimeoutSeconds: 30,
      initTimeoutSeconds: 10,
      network: { kind: "egress", allow: [] },
      asyncRetries: 2,
      deadlineSeconds: null,
      work: { size: null, hyperparameters: [] },
      snapshot: "prefetch",
      warmUp: { count: 5, payloads: null },
    });
    expect(completeSettings({ runtime: "provided.al2023" }, undefined).handler).toBe("bootstrap");
  });

  it("reports every problem at once", () => {
    const given = {
      ...least,
      memoryMiB: 1,
      timeoutSeconds: 1e6,
      network: { kind: "egress", allow: ["nowhere"] },
    } as const;
    expect(() =>
      completeSettings({ ...given, network: { ...given.network, allow: ["nowhere"] } }, undefined),
    ).toThrow(/memoryMiB: .*timeoutSeconds: .*network\.allow\.0: must be an IPv4/);
  });

  it.each([
    [{ handler: "index" }, /must name a module and its function/],
    [{ handler: "/etc/x.handler" }, /path inside the package/],
    [{ handler: "a/../../x.handler" }, /path inside the package/],
    [{ runtime: "provided", concurrency: 2 }, /concurrency: must be 1/],
    [{ provisioned: 5, maxInstances: 2 }, /provisioned: 5 is more than maxInstances/],
    [{ environment: { "1A": "x" } }, /environment/],
    [{ environment: { _HANDLER: "x" } }, /set by the platform/],
    [{ environment: { A: "x".repeat(4096) } }, /4097 bytes, more than 4096/],
    [{ network: { kind: "egress", allow: ["10.0.0.256"] } }, /network/],
    [{ network: { kind: "egress", allow: ["10.0.0.0/33"] } }, /network/],
    [{ network: { kind: "egress", allow: ["10.0.0.1:70000"] } }, /network/],
    [{ concurrency: 1.5 }, /concurrency/],
    [{ deadlineSeconds: 0 }, /deadlineSeconds/],
    [{ snapshot: "lazy" as "off" }, /snapshot/],
    [{ work: { size: "a b", hyperparameters: [] } }, /work\.size: must be keys of the payload with dots/],
    [{ work: { size: "a..b", hyperparameters: [] } }, /work\.size: must be keys of the payload with dots/],
    [{ work: { size: "x".repeat(65), hyperparameters: [] } }, /work\.size: /],
    [
      { work: { size: null, hyperparameters: ["a", "a"] } },
      /work\.hyperparameters: must name each path once/,
    ],
    [{ work: { size: "a", hyperparameters: ["a"] } }, /work\.hyperparameters: must not name the size/],
    [{ work: { size: null, hyperparameters: Array.from("abcdefghi") } }, /work\.hyperparameters: /],
    [{ warmUp: { count: 101, payloads: null } }, /warmUp\.count/],
    [{ warmUp: { count: 1, payloads: [] } }, /warmUp\.payloads/],
    [{ warmUp: { count: 1, payloads: ["x".repeat(262_144)] } }, /262144 bytes together/],
    [{ runtime: "cobol" }, /cobol is no runtime of Frugal; use one of nodejs24\.x/],
  ] satisfies readonly (readonly [GivenSettings, RegExp])[])("refuses %j", (given, problem) => {
    expect(() => completeSettings({ ...least, ...given }, undefined)).toThrow(problem);
  });

  it("reads what an earlier version stored, with the defaults of what that did not know", () => {
    const { deadlineSeconds, work, snapshot, warmUp, ...known } = completeSettings(least, undefined);
    const stored = storedSettings(JSON.stringify({ ...known, memoryMiB: 512 }));
    expect(stored).toEqual({ ...known, memoryMiB: 512, deadlineSeconds, work, snapshot, warmUp });
  });

  it("gives the platform warm-up payloads as the documents that they are, and no deadline where there is none", () => {
    const deployed = { revision: 1, codeSha256: "", codeSize: bytes(1), codeDirectory: "", lastModified: "" };
    const warmUp = { count: 2, payloads: [{ a: 1 }, "text"] };
    const given = { ...least, warmUp, deadlineSeconds: 0.25 };
    const defined = definitionOf(functionName("f"), completeSettings(given, undefined), deployed);
    expect(defined.warmUp.payloads?.map(String)).toEqual(['{"a":1}', '"text"']);
    expect(defined.deadline).toBe(0.25);
    const plain = definitionOf(functionName("f"), completeSettings(least, undefined), deployed);
    expect([plain.deadline, plain.warmUp.payloads]).toEqual([undefined, undefined]);
  });

  it("gives the platform paths to a payload's work where some are declared", () => {
    const deployed = { revision: 1, codeSha256: "", codeSize: bytes(1), codeDirectory: "", lastModified: "" };
    const workFrom = (given: GivenSettings) =>
      definitionOf(functionName("f"), completeSettings({ ...least, ...given }, undefined), deployed).work;
    expect(workFrom({})).toBeUndefined();
    const work = { size: "image.data", hyperparameters: ["quality"] };
    expect(workFrom({ work })).toEqual(work);
    expect(workFrom({ work: { ...work, size: null } })).toEqual({ ...work, size: undefined });
  });

  it("accepts networks, addresses and endpoints as exceptions", () => {
    const allow = ["10.1.2.0/24", "10.1.2.3", "10.1.2.3:5432"];
    expect(completeSettings({ ...least, network: { kind: "egress", allow } }, undefined).network).toEqual({
      kind: "egress",
      allow,
    });
  });

  it("is complete after one pass: completing again changes nothing", () => {
    const given = fc.record(
      {
        memoryMiB: fc.integer({ min: 128, max: 10240 }),
        provisioned: fc.integer({ min: 0, max: 2000 }),
        concurrency: fc.integer({ min: 1, max: 9 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(given, (some) => {
        const settings = completeSettings({ ...least, ...some }, undefined);
        expect(completeSettings(settings, undefined)).toEqual(settings);
        expect(completeSettings({}, settings)).toEqual(settings);
      }),
    );
  });
});

describe("parseFunctionReference()", () => {
  it("reads names and ARNs, with and without qualifier", () => {
    const hello = functionName("hello");
    for (const text of ["hello", functionArn(hello), "123456789012:function:hello"]) {
      expect(parseFunctionReference(text)).toEqual({ name: "hello", qualifier: undefined });
      expect(parseFunctionReference(`${text}:PROD`)).toEqual({ name: "hello", qualifier: "PROD" });
    }
    for (const text of ["", "a b", "a:b:c", "arn:aws:s3:::bucket", "x".repeat(65)])
      expect(parseFunctionReference(text)).toBeUndefined();
  });
});
