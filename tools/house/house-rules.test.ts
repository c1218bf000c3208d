import { describe, expect, it } from "vitest";
import { errorPage, errorPageFile } from "./error-page.ts";
import { checkHouse } from "./house-rules.ts";
import { houseOf } from "./house.ts";
import { settingsPage, settingsPageFile } from "./settings-page.ts";

/** A house in order, to which each test adds what is wrong. */
const inOrder = async (): Promise<Readonly<Record<string, string>>> => ({
  "ARCHITECTURE.md": "# Architecture\n",
  "README.md":
    "# Frugal\n\nSee [the errors](docs/errors.md#ours-internal-exit-code-70), [core](packages/core) and [below](#more).\n\n## More\n",
  [errorPageFile]: await errorPage(),
  [settingsPageFile]: await settingsPage(),
  "packages/core/README.md": "# core\n",
  "packages/core/package.json": "{}\n",
  "packages/core/src/units.ts": "export {};\n",
  "packages/core/src/units.test.ts": "export {};\n",
});

const found = async (texts: Readonly<Record<string, string>>): Promise<readonly string[]> =>
  (await checkHouse(houseOf({ ...(await inOrder()), ...texts }))).map(
    ({ file, problem }) => `${file}: ${problem}`,
  );

const lines = (count: number): string => "a line\n".repeat(count);
const sources = (count: number, ending: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`packages/core/src/start/part-${i}${ending}`, ""]),
  );

describe("checkHouse()", () => {
  it("finds nothing in a house in order", async () => {
    expect(await found({})).toEqual([]);
    expect(
      await found({
        "packages/sandbox/src/python3/shim_main.py": "",
        "docs/decisions/0001-keep-alive.md": "",
      }),
    ).toEqual([]);
  });

  it.each(["packages/core/src/PowerMeter.ts", "packages/core/src/power_meter.ts", "docs/Guide.md"])(
    "refuses the name %s",
    async (file) => {
      expect(await found({ [file]: "" })).toEqual([`${file}: its name is not kebab-case`]);
    },
  );

  it("refuses folders of a kind, and full ones; tests do not fill a folder", async () => {
    expect(await found({ "packages/core/src/utils/sum.ts": "" })).toEqual([
      "packages/core/src/utils/: its name says a kind of code, not a concept",
    ]);
    expect(await found({ ...sources(12, ".ts"), ...sources(12, ".test.ts") })).toEqual([]);
    expect(await found(sources(13, ".ts"))).toEqual([
      "packages/core/src/start/: it holds 13 source files, at most 12 are allowed",
    ]);
  });

  it("wants a short README.md of every package and a short ARCHITECTURE.md", async () => {
    expect(await found({ "packages/place/package.json": "{}" })).toEqual([
      "packages/place/README.md: it is missing",
    ]);
    expect(await found({ "packages/core/README.md": lines(40), "ARCHITECTURE.md": lines(200) })).toEqual([]);
    expect(await found({ "packages/core/README.md": lines(41), "ARCHITECTURE.md": lines(201) })).toEqual([
      "packages/core/README.md: it has 41 lines, at most 40 are read",
      "ARCHITECTURE.md: it has 201 lines, at most 200 are read",
    ]);
  });

  it("wants the page of errors to agree with the catalogue", async () => {
    const page = await errorPage();
    const problem = ["docs/errors.md: it does not agree with the error catalogue"];
    expect(await found({ [errorPageFile]: page.replace("`overloaded`", "`overflowing`") })).toEqual(problem);
    expect(await found({ [errorPageFile]: page.replace(/\| `init-failed`.*\n/, "") })).toEqual(problem);
  });

  it("follows the links of documents, but not those in code or to other places", async () => {
    const text = [
      "[a](nowhere.md) [b](../README.md) [c](../packages/core/src) [d](../README.md#more) [e](../README.md#less)",
      "[f](https://example.org/nowhere) `[g](nowhere)` [h]",
      "```",
      "[i](nowhere)",
      "```",
      "",
      "[h]: gone.md",
      "",
    ].join("\n");
    expect(await found({ "docs/guide.md": text })).toEqual([
      "docs/guide.md: its link to nowhere.md leads nowhere",
      "docs/guide.md: its link to ../README.md#less leads nowhere",
      "docs/guide.md: its link to gone.md leads nowhere",
    ]);
  });

  it.each([
    ["// TODO: the rest", "something is left to do"],
    ["// @ts-ignore", "the compiler is silenced"],
    ["// eslint-disable-next-line eqeqeq", "a lint rule is switched off without a reason"],
    ['const path = "/Users/ada/data";', "it names a path of one machine"],
    ["// as agreed in issue #12", "it refers to a tracker"],
    ["// the next session does the rest", "it speaks of the time it was written"],
    ["<<<<<<< HEAD", "a merge was left half done"],
  ])("refuses the line %j, and says where it stands", async (line, problem) => {
    const file = "packages/core/src/units.ts";
    expect(await found({ [file]: `export {};\n${line}\n` })).toEqual([`${file}:2: ${problem}`]);
    expect(await found({ [`test/fixtures/${file}`]: line })).toEqual([]);
  });

  it("lets a lint rule be switched off with a reason, and words that only look like leftovers", async () => {
    const text =
      "// eslint-disable-next-line eqeqeq -- null and undefined alike\n// a TODOS list; the network of /networks/work/\n";
    expect(await found({ "packages/core/src/units.ts": text })).toEqual([]);
  });
});
