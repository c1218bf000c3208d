import { FrugalError } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { definitionBytes, parseWorkflow } from "./parse-workflow.ts";

const head = `document:
  dsl: 1.0.0
  namespace: photos
  name: publish
  version: 0.1.0
`;

const workflowText = (tasks: string, extra = ""): string => `${head}${extra}do:\n${tasks}`;

async function problemsOf(text: string): Promise<readonly string[]> {
  try {
    await parseWorkflow(text);
  } catch (error) {
    if (!(error instanceof FrugalError)) throw error;
    expect(error.code).toBe("invalid-workflow");
    const { problems } = error.details;
    return Array.isArray(problems) ? problems.map(String) : [];
  }
  return [];
}

describe("parseWorkflow()", () => {
  it("reads YAML and JSON, with the settings that the metadata gives", async () => {
    const yaml = workflowText(
      "  - small:\n      call: resize\n      with: {width: 100}\n  - again:\n      call: tell\n",
      "  title: Publish a photo\n  metadata: {deadline: PT1M30.5S, quantile: 0.9, durable: false, budgets: fit, owner: me}\nuse:\n  functions:\n    tell: {call: notify}\n",
    );
    const workflow = await parseWorkflow(yaml);
    expect(workflow).toMatchObject({
      name: "photos/publish",
      version: "0.1.0",
      title: "Publish a photo",
      settings: { deadline: { deadline: 90.5, quantile: 0.9 }, isDurable: false, budgets: "fit" },
      functions: ["resize", "notify"],
    });
    expect(await parseWorkflow(JSON.stringify(workflow.definition))).toEqual(workflow);
  });

  it("is durable and has no deadline unless the metadata says so", async () => {
    const { settings } = await parseWorkflow(workflowText("  - a: {set: {b: 1}}\n"));
    expect(settings).toEqual({ deadline: undefined, isDurable: true, budgets: undefined });
  });

  it.each([
    ["deadline: 0", "/document/metadata/deadline: must be above 0"],
    ["deadline: soon", "/document/metadata/deadline: must be above 0: seconds as a number, or an ISO"],
    ["deadline: [1]", "/document/metadata/deadline: must be seconds as a number"],
    ["quantile: 1", "/document/metadata/quantile: must be from 0.5 to 0.999"],
    ["durable: yes please", "/document/metadata/durable: must be true or false"],
    ["budgets: cheap", "/document/metadata/budgets: must be one of fit, least-energy"],
  ])("refuses the metadata %s", async (metadata, problem) => {
    const [found] = await problemsOf(workflowText("  - a: {set: {b: 1}}\n", `  metadata: {${metadata}}\n`));
    expect(found).toContain(problem);
  });

  it.each([
    ["a task of no kind", "  - one: {cal: resize}\n", ["/do/0/one is no task: it needs one of call, "]],
    [
      "a missing property",
      "  - one: {call: http, with: {method: get}}\n",
      ["/do/0/one/with must have required property 'endpoint'"],
    ],
    [
      "a loop without a list",
      "  - f: {for: {each: x}, do: [{x: {set: {a: 1}}}]}\n",
      ["/do/0/f/for must have required property 'in'"],
    ],
    [
      "a nested slip",
      "  - f:\n      fork:\n        branches:\n          - x: {sett: {a: 1}}\n",
      ["/do/0/f/fork/branches/0/x is no task"],
    ],
    [
      "a duration that is none",
      "  - w: {wait: soon}\n",
      ["/do/0/w/wait must be a duration: ISO 8601 like PT5S"],
    ],
    [
      "an unknown property of a call",
      "  - x: {call: resize, foo: 1}\n",
      ["/do/0/x must NOT have unevaluated properties: foo"],
    ],
    [
      "a number as text",
      '  - t:\n      try: [{x: {call: f}}]\n      catch: {retry: {limit: {attempt: {count: "3"}}}}\n',
      ["/do/0/t/catch/retry/limit/attempt/count must be integer"],
    ],
  ])("tells of %s in one line", async (_what, tasks, expected) => {
    const problems = await problemsOf(workflowText(tasks));
    expect(problems).toHaveLength(expected.length);
    for (const [i, text] of expected.entries()) expect(problems[i]).toContain(text);
  });

  it.each([
    [
      "  - a: {run: {shell: {command: ls}}}\n",
      "/do/0/a/run/shell: run shell is not supported: deploy it as a function",
    ],
    ["  - a: {run: {script: {language: js, code: x}}}\n", "/do/0/a/run/script"],
    ["  - a: {run: {container: {image: x}}}\n", "/do/0/a/run/container"],
    [
      "  - b: {do: [{a: {call: grpc, with: {proto: {endpoint: 'http://x.y'}, service: {name: s, host: h}, method: m}}}]}\n",
      "/do/0/b/do/0/a/call: gRPC calls are not supported",
    ],
    ["  - a: {call: 'log@1'}\n", "functions of catalogs are not supported"],
    ["  - a: {call: 'a b'}\n", "can be no function's name"],
    [
      "  - a: {call: http, with: {method: get, endpoint: {uri: 'http://a.b', authentication: {digest: {username: a, password: b}}}}}\n",
      "/do/0/a/with/endpoint/authentication/digest: digest authentication is not supported",
    ],
  ])("refuses what the platform does not have: %s", async (tasks, problem) => {
    expect((await problemsOf(workflowText(tasks))).join("; ")).toContain(problem);
  });

  it("takes every patch version of DSL 1.0, and authentication by name and password", async () => {
    const call =
      "  - a: {call: http, with: {method: get, endpoint: {uri: 'http://a.b', authentication: {basic: {username: a, password: b}}}}}\n";
    const { definition } = await parseWorkflow(workflowText(call).replace("1.0.0", "1.0.3"));
    expect(definition.document.dsl).toBe("1.0.3");
  });

  it("tells of flow directives that lead nowhere, and of expressions that cannot be read", async () => {
    const tasks = [
      "  - s: {switch: [{one: {when: '.a |', then: nowhere}}, {other: {then: t}}]}",
      "  - t: {if: 'a |', set: {x: '${ .b | }', when: 'no expression |'}, then: end}",
      "  - l: {for: {in: '.x |'}, while: '.ok', do: [{in/side: {set: {y: 1}, then: t}}, {last: {set: {z: 1}, then: in/side}}]}",
      "  - f: {fork: {branches: [{b: {set: {x: 1}, then: anything}}]}}",
      "  - g: {try: [{b: {call: f}}], catch: {when: '.c |', retry: {delay: PT1S, exceptWhen: '.d |'}}, then: exit}",
    ].join("\n");
    const check = (program: string): string | undefined =>
      program.trim().endsWith("|") ? "no end" : undefined;
    await expect(parseWorkflow(workflowText(`${tasks}\n`), check)).rejects.toMatchObject({
      details: {
        problems: [
          '/do/0/s/switch/0/one/then: no task beside this one is named "nowhere"; there are s, t, l, f, g',
          '/do/2/l/do/0/in~1side/then: no task beside this one is named "t"; there are in/side, last',
          ...[
            "/do/1/t/set/x",
            "/do/0/s/switch/0/one/when",
            "/do/1/t/if",
            "/do/2/l/for/in",
            "/do/4/g/catch/when",
            "/do/4/g/catch/retry/exceptWhen",
          ].map((pointer) => `${pointer}: the expression cannot be read: no end`),
        ],
      },
    });
  });

  it("asks for the version of the DSL where there is none", async () => {
    expect(await problemsOf(workflowText("  - a: {set: {b: 1}}\n").replace("  dsl: 1.0.0\n", ""))).toEqual([
      "/document/dsl: it is missing: write dsl: 1.0.0",
    ]);
  });

  it("refuses schedules, other versions of the DSL and bad names", async () => {
    expect(await problemsOf(`${head}schedule: {cron: "* * * * *"}\ndo:\n  - a: {set: {b: 1}}\n`)).toEqual([
      "/schedule: schedules are not supported: start runs from a timer of your system",
    ]);
    expect(await problemsOf(workflowText("  - a: {set: {b: 1}}\n").replace("1.0.0", "0.9.1"))).not.toEqual(
      [],
    );
    expect(
      await problemsOf(workflowText("  - a: {set: {b: 1}}\n").replace("publish", "Pub_lish")),
    ).not.toEqual([]);
  });

  it("refuses what is no document, and what would not fit", async () => {
    expect(await problemsOf("a: [")).toHaveLength(1);
    expect(await problemsOf("just text")).toEqual(["it is no object: it starts with document and do"]);
    expect(await problemsOf(workflowText("  - a: {set: {b: .inf}}\n"))).not.toEqual([]);
    const bomb = ["a: &a [1,1,1,1,1,1,1,1,1]"];
    for (let i = 1; i < 9; i++)
      bomb.push(`a${i}: &a${i} [${"*a".concat(i === 1 ? "" : String(i - 1), ",").repeat(9)}]`);
    expect((await problemsOf(bomb.join("\n"))).join()).toContain("aliases");
    await expect(parseWorkflow("x".repeat(definitionBytes + 1))).rejects.toMatchObject({
      code: "payload-too-large",
    });
  });
});
