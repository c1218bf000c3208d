import { FrugalError } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { containing, type } from "../test/command-line.ts";
import { command } from "./command.ts";
import { sections } from "./commands/index.ts";
import { amount, list, required, text, toggle, unless } from "./flags.ts";
import type { Program } from "./program.ts";

const show = command({
  name: "show",
  summary: "show what was given",
  description: "Shows what was given.",
  flags: {
    maxSize: amount("N", "a number", { minimum: 1, maximum: 9 }),
    auth: unless("without auth"),
    loud: toggle("loud"),
    only: list("NAME", "names"),
  },
  arguments: { first: required(text("FIRST", "needed")), second: text("SECOND", "may be left out") },
  optional: ["second"],
  examples: [{ line: "frugal show x", meaning: "shows x" }],
  run: (input) => Promise.resolve({ kind: "answer", document: input, text: `${input.first}\n` }),
});

const failing = (name: string, thrown: Error) =>
  command({
    name,
    summary: "fails",
    description: "Fails.",
    flags: {},
    arguments: {},
    examples: [{ line: `frugal ${name}`, meaning: "fails" }],
    run: () => Promise.reject(thrown),
  });

const program: Program = {
  version: "1.2.3",
  summary: "A test.",
  sections: [
    {
      heading: "Commands:",
      commands: [
        show,
        failing("user", new FrugalError("invalid-request", "Wrong\nDo it right", { details: { x: 1 } })),
        failing("environment", new FrugalError("unreachable", "Nobody there")),
        failing("internal", new TypeError("x is undefined")),
        failing("full", Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" })),
      ],
    },
  ],
};
const run = (...argv: string[]) => type(argv, { program });

describe("runProgram", () => {
  it("hands typed values to a command", async () => {
    const { exitCode, out } = await run(
      "show",
      "--max-size",
      "3",
      "a",
      "--no-auth",
      "--only",
      "x",
      "b",
      "--only",
      "y",
      "--json",
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toEqual({
      maxSize: 3,
      auth: false,
      loud: false,
      only: ["x", "y"],
      first: "a",
      second: "b",
    });
  });

  it("shows the answer for people without --json", async () => {
    expect(await run("show", "a")).toEqual({ exitCode: 0, out: "a\n", err: "" });
  });

  it("suggests what a misspelt command or flag means", async () => {
    const unknown = await run("shwo");
    expect(unknown).toMatchObject({ exitCode: 2, out: "" });
    expect(unknown.err).toBe(
      "frugal: unknown command 'shwo'\n  (Did you mean show?)\n  See: frugal --help\n",
    );
    const flag = await run("show", "a", "--max-siez", "3");
    expect(flag.exitCode).toBe(2);
    expect(flag.err).toContain("(Did you mean --max-size?)\n  See: frugal show --help");
  });

  it("refuses missing and superfluous arguments, and values out of range", async () => {
    expect(await run("show")).toMatchObject({
      exitCode: 2,
      err: containing("missing required argument 'first'"),
    });
    expect(await run("show", "a", "b", "c")).toMatchObject({
      exitCode: 2,
      err: containing("too many arguments"),
    });
    expect(await run("show", "a", "--max-size", "99")).toMatchObject({
      exitCode: 2,
      err: containing("--max-size"),
    });
    expect(await run("show", "a", "--max-size")).toMatchObject({
      exitCode: 2,
      err: containing("argument missing"),
    });
  });

  it("ends with the code of the error's group (C3)", async () => {
    expect(await run("user")).toEqual({ exitCode: 2, out: "", err: "frugal: Wrong\n  Do it right\n" });
    expect((await run("environment")).exitCode).toBe(69);
    expect((await run("full")).exitCode).toBe(69);
    const internal = await run("internal");
    expect(internal.exitCode).toBe(70);
    expect(internal.err).toMatch(/^frugal: x is undefined\n {2}This is a fault of Frugal/);
    expect(internal.err).toContain("program.test.ts");
  });

  it("answers with one JSON document, also where parsing fails (C1)", async () => {
    const user = await run("user", "--json");
    expect(user.err).toBe("");
    expect(JSON.parse(user.out)).toEqual({
      error: { code: "invalid-request", message: "Wrong\nDo it right", details: { x: 1 } },
    });
    const unknown = await run("shwo", "--json");
    expect(unknown.exitCode).toBe(2);
    expect(JSON.parse(unknown.out)).toMatchObject({
      error: { code: "invalid-request", details: { problem: "unknownCommand" } },
    });
  });

  it("shows help and version on stdout", async () => {
    expect(await run("--version")).toEqual({ exitCode: 0, out: "1.2.3\n", err: "" });
    for (const argv of [[], ["--help"], ["help"]]) {
      const { exitCode, out, err } = await run(...argv);
      expect([exitCode, err]).toEqual([0, ""]);
      expect(out).toContain("show what was given");
    }
    const help = await run("show", "--help");
    expect(help.out).toContain("--no-auth");
    expect(help.out).toContain("Examples:\n  frugal show x  shows x");
  });
});

describe("the commands", () => {
  const all = sections.flatMap(({ commands }) =>
    commands.flatMap((one) => (one.kind === "group" ? [one, ...one.commands] : [one])),
  );

  it("are described, with examples that begin as the user would (C2)", () => {
    for (const one of all) {
      expect(one.summary, one.name).toMatch(/^[a-z].*[^.]$/);
      expect(one.description, one.name).toMatch(/^[A-Z].*\.$/s);
      for (const { line } of one.examples) expect(line).toContain("frugal ");
    }
  });

  it("show help that fits a narrow terminal", async () => {
    const { out } = await type(["--help"], { width: 80 });
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    for (const { name, summary } of sections.flatMap(({ commands }) => commands)) {
      expect(out).toContain(name);
      expect(out.replaceAll(/\s+/g, " ")).toContain(summary);
    }
  });
});
