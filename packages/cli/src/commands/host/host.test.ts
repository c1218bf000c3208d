import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type } from "../../../test/command-line.ts";
import { setupText } from "../../setup/setup-text.ts";
import { recordingTerminal } from "../../../test/recording-terminal.ts";

const reportSchema = z.object({
  facts: z.array(
    z.object({ name: z.string(), available: z.boolean(), found: z.string(), without: z.string() }),
  ),
  dataDirectory: z.object({ folder: z.string(), problems: z.array(z.string()) }),
});

describe("frugal doctor", () => {
  it("shows every fact of this host and what is lost without the missing ones, and ends with 0", async () => {
    const data = mkdtempSync(join(tmpdir(), "doctor-"));
    try {
      writeFileSync(join(data, "api-key"), "x", { mode: 0o644 });
      const json = await type(["doctor", "--json", "--data", data]);
      expect(json).toMatchObject({ exitCode: 0, err: "" });
      const { facts, dataDirectory } = reportSchema.parse(JSON.parse(json.out));
      expect(facts.map(({ name }) => name)).toEqual(expect.arrayContaining(["native programs", "criu"]));
      expect(dataDirectory.problems.join()).toContain("Others may read");
      const { exitCode, out } = await type(["doctor", "--data", data]);
      expect(exitCode).toBe(0);
      for (const { name, available, without } of facts) {
        expect(out).toContain(`${available ? "✓" : "✗"}  ${name}`);
        expect(out.includes(`\n${name}: ${without}\n`)).toBe(!available);
      }
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  });
});

describe("frugal setup", () => {
  it("says of each thing what became of it in one line, with the output of what went wrong", () => {
    const text = setupText(
      [
        { name: "python3", state: "present", detail: "already there" },
        { name: "nftables", state: "skipped", detail: "apt could not install it", log: ["E: offline"] },
      ],
      recordingTerminal().outColours,
    );
    expect(text).toBe(
      "python3   present  already there\nnftables  skipped  apt could not install it\n    E: offline\n",
    );
  });
});
