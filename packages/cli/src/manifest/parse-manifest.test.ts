import { FrugalError } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseManifest } from "./parse-manifest.ts";

const problemsOf = (text: string): string[] => {
  try {
    parseManifest(text, "frugal.yaml");
  } catch (error) {
    if (!(error instanceof FrugalError)) throw error;
    expect(error.code).toBe("invalid-manifest");
    return error.message.split("\n").slice(1);
  }
  throw new Error("The manifest was accepted");
};

const good = `
service: photos
provider:
  name: frugal
  runtime: nodejs24.x
  memorySize: 512
  environment: { LEVEL: info }
functions:
  resize:
    handler: index.handler
    timeout: 10
    environment:
      WIDTH: 200
      DEBUG: false
    architectures: [x86_64, arm64]
    ephemeralStorageSize: 1024
    reservedConcurrency: 20
    provisionedConcurrency: 1
    network: { mode: egress, allow: [10.1.2.3:5432] }
    package:
      path: resize
      patterns: ["!tests/**"]
  crunch:
    runtime: provided.al2023
    cores: 0.5
`;

describe("parseManifest", () => {
  it("reads the Serverless Framework's fields and our own", () => {
    const { service, functions } = parseManifest(good, "frugal.yaml");
    expect(service).toBe("photos");
    expect(functions["resize"]?.environment).toEqual({ WIDTH: 200, DEBUG: false });
    expect(functions["resize"]?.network).toEqual({ mode: "egress", allow: ["10.1.2.3:5432"] });
    expect(functions["crunch"]?.cores).toBe(0.5);
  });

  it("reports every problem at once, in the order of the lines", () => {
    const text = `
provider:
  runtme: nodejs24.x
functions:
  resize:
    handler: 3
    memorySiz: 512
    timeout: "10"
  bad name:
    handler: index.handler
    runtime: ruby3.2
    cores: 1000
`;
    expect(problemsOf(text)).toEqual(
      [
        'frugal.yaml:3:3: unknown key "runtme" (did you mean "runtime"?)',
        "frugal.yaml:6:5: functions.resize.handler: expected string, received number",
        'frugal.yaml:7:5: unknown key "memorySiz" (did you mean "memorySize"?)',
        "frugal.yaml:8:5: functions.resize.timeout: expected number, received string",
        'frugal.yaml:9:3: functions.bad name: is no function name; use 1 to 64 letters, digits, "-" or "_"',
      ].map((line) => line.trimStart()),
    );
  });

  it("names what may stand where a key is unknown and nothing is near it", () => {
    expect(
      problemsOf("functions: { f: { handler: a.b, runtime: nodejs, network: { zzz: 1, mode: none } } }"),
    ).toEqual(['frugal.yaml:1:61: unknown key "zzz"; known here: mode, allow']);
    expect(problemsOf("qqqqq: 1\nfunctions: {}")[0]).toBe(
      'frugal.yaml:1:1: unknown key "qqqqq"; known at the top: service, provider, functions, workflows',
    );
  });

  it("says what to do with fields of the Serverless Framework that mean nothing here", () => {
    const text =
      "functions:\n  f:\n    handler: a.b\n    runtime: nodejs\n    events:\n      - httpApi: '*'\n";
    expect(problemsOf(text)).toEqual([
      'frugal.yaml:5:5: unknown key "events": functions are invoked over HTTP; remove it',
    ]);
    expect(
      problemsOf("functions: { f: { handler: a.b, runtime: nodejs, environment: { A: '${env:A}' } } }")[0],
    ).toContain("functions.f.environment.A: variables such as ${env:NAME} are not resolved");
  });

  it.each([
    ["", "frugal.yaml:1:1: functions: is missing: name your functions under it"],
    ["functions: {}", "frugal.yaml:1:1: functions: there is none"],
    ["- a", "frugal.yaml:1:1: expected object, received array"],
    ["functions: { f: { handler: a.b } }", "has no runtime; name one here or under provider"],
    ["functions: { f: { runtime: nodejs } }", "has no handler, such as index.handler"],
    [
      "functions: { f: { runtime: nodejs, handler: handler } }",
      '"handler" must name a module and its function',
    ],
    [
      "functions: { f: { runtime: nodejs, handler: ../x.y } }",
      '"../x.y" must name a module and its function',
    ],
    ["functions: { f: { runtime: ruby3, handler: a.b } }", '"ruby3" is no runtime of Frugal'],
    ["functions: { f: { runtime: nodejs, handler: a.b, memorySize: 64 } }", "must be from 128 to 10240 MiB"],
    ["functions: { f: { runtime: nodejs, handler: a.b, memorySize: 128.5 } }", "must be a whole number"],
    ["functions: { f: { runtime: nodejs, handler: a.b, timeout: 0 } }", "must be from 0.1 to 900 seconds"],
    ["functions: { f: { runtime: nodejs, handler: a.b, timeout: .nan } }", "functions.f.timeout"],
    ["functions: { f: { runtime: nodejs, handler: a.b, environment: { 1A: x } } }", "no digit first"],
    [
      "functions: { f: { runtime: nodejs, handler: a.b, environment: { A: [x] } } }",
      "must be a string, a number or a boolean",
    ],
    [
      "functions: { f: { runtime: nodejs, handler: a.b, network: { mode: open } } }",
      'must be "none" or "egress"',
    ],
    [
      "functions: { f: { runtime: nodejs, handler: a.b, network: { mode: egress, allow: [db.local] } } }",
      "must be an IPv4 address",
    ],
    [
      "functions: { f: { runtime: nodejs, handler: a.b, snapshot: lazy } }",
      "functions.f.snapshot: must be one of off, eager, prefetch",
    ],
    ["functions: { f: { runtime: nodejs, handler: a.b, deadline: 0 } }", "must be from 0.001 to 900 seconds"],
    [
      "functions: { f: { runtime: nodejs, handler: a.b, warmUp: { payloads: [] } } }",
      "must have one at least; without any, leave it out",
    ],
    ["functions: { f: { runtime: nodejs, handler: a.b, warmUp: { count: 101 } } }", "must be from 0 to 100"],
    [
      "functions: { f: { runtime: nodejs, handler: a.b, work: { size: a b } } }",
      "functions.f.work.size: must be keys of the payload with dots between",
    ],
    [
      "functions: { f: { runtime: nodejs, handler: a.b, work: { hyperparameters: [a, a] } } }",
      "functions.f.work.hyperparameters: must name each path once",
    ],
    [
      "functions: { f: { runtime: nodejs, handler: a.b, work: { size: a, hyperparameters: [a] } } }",
      "functions.f.work.hyperparameters: must not name the size",
    ],
    [
      "functions: { f: { runtime: nodejs, handler: a.b, work: { sise: a } } }",
      'unknown key "sise" (did you mean "size"?)',
    ],
    ["functions: { f: { runtime: provided, concurrency: 2 } }", "must be 1 for provided runtimes"],
    [
      "functions: { f: { runtime: nodejs, handler: a.b, reservedConcurrency: 1, provisionedConcurrency: 2 } }",
      "is more than reservedConcurrency",
    ],
    ["functions:\n  f:\n    handler: a.b\n   runtime: nodejs", "frugal.yaml:4:"],
    ["functions: { f: { handler: a.b, handler: c.d, runtime: nodejs } }", "Map keys must be unique"],
    ["a: &a [x,x]\nb: *nothing", "nothing"],
    ["functions: [unclosed", "frugal.yaml:1:"],
  ])("refuses %j", (text, expected) => {
    expect(problemsOf(text).join("\n")).toContain(expected);
  });

  it("refuses aliases that would fill the memory", () => {
    const rows = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"];
    for (let i = 1; i < 9; i++)
      rows.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(",")}]`,
      );
    expect(problemsOf(rows.join("\n")).join("\n")).toContain("alias");
  });

  it("resolves YAML's own anchors and merges", () => {
    const text = `
functions:
  a: &shared { handler: a.b, runtime: nodejs, memorySize: 128 }
  b:
    <<: *shared
    memorySize: 256
`;
    expect(parseManifest(text, "f").functions["b"]).toEqual({
      handler: "a.b",
      runtime: "nodejs",
      memorySize: 256,
    });
  });

  it("ends in a manifest or in one error with positions, whatever the text", () => {
    const line = fc.constantFrom(
      "functions:",
      "  f:",
      "    handler: a.b",
      "    runtime: nodejs",
      "- x",
      "  ? {}",
      "&a",
      "*a",
      "<<: 1",
      "\t",
      "'",
      "}",
      ": :",
      "    memorySize: 1e999",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(line).map((lines) => lines.join("\n")),
        ),
        (text) => {
          try {
            parseManifest(text, "f.yaml");
          } catch (error) {
            if (!(error instanceof FrugalError)) throw error;
            expect(error.code).toBe("invalid-manifest");
            for (const one of error.message.split("\n").slice(1))
              if (one.startsWith("f.yaml")) expect(one).toMatch(/^f\.yaml:\d+:\d+: \S/);
          }
        },
      ),
    );
  });
});
