import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FrugalError } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { deriveReferenceServers, referenceServersFile } from "./derive.ts";
import { referenceProcessors } from "./processors.ts";
import type { ReferenceServer } from "./reference-server.ts";

const checkout = fileURLToPath(new URL("../../../../../", import.meta.url));
const sharedData = process.env["FRUGAL_SHARED_DATA"] ?? join(checkout, "../shared/data");
const published = join(sharedData, "specpower-and-ccf-coefficients/SPECpower-2026-03-09.csv");

const header =
  ",Benchmark,Hardware Vendor,System,Result,avg. watts @ 100%,avg. watts @ active idle,# Cores,Chips,# Cores Per Chip," +
  "# Threads Per Core,CPU Description,Processor MHz,Total Memory (GB),Power Supply Details,Published,Total Threads";

interface RowEdit {
  readonly full?: string;
  readonly idle?: string;
  readonly chips?: number;
  readonly threads?: number;
  readonly published?: string;
}

let row = 0;
function line(processor: string, edit: RowEdit = {}): string {
  const { full = "200.0", idle = "50.0", chips = 2, threads = 64, published: month = "Sep-2021" } = edit;
  row++;
  return `${row},power_ssj2008,"Maker, Inc.",Server ${row},1000.0,${full},${idle},32,${chips},16,2,${processor},2000,64,PSU,${month},${threads}`;
}

/** A table with one good result of each processor, and `more`. */
function table(...more: readonly string[]): string {
  return [
    header,
    ...referenceProcessors.map(({ processorNumber }) => line(`Maker ${processorNumber}`)),
    ...more,
    "",
  ].join("\n");
}

const refusalOf = (text: string): string => {
  try {
    deriveReferenceServers(text);
  } catch (error) {
    if (error instanceof FrugalError) return error.message;
  }
  throw new Error("The table was accepted");
};

const serverOf = (text: string, processorNumber: string): ReferenceServer | undefined =>
  deriveReferenceServers(text).servers.find((server) => server.processorNumber === processorNumber);

describe("deriveReferenceServers()", () => {
  it("takes the middle result by watts per thread, of one- and two-chip systems where there are any", () => {
    const text = table(
      line("Maker 8380", { full: "240.0" }),
      line("Maker 8380 CPU", { full: "180.0", idle: "45.5" }),
      line('"Maker 8380,"', { full: "100.0" }),
      line("Maker 8380", { full: "90.0", chips: 8 }),
      line("Maker 8380H", { full: "95.0" }),
    );
    expect(serverOf(text, "8380")).toMatchObject({
      fullWatts: 180,
      idleWatts: 45.5,
      fullWattsPerThread: 2.8125,
      results: 4,
      year: 2021,
    });
    expect(serverOf(text, "8380")?.system).toMatch(/^Maker, Inc\. Server \d+$/);
  });

  it("gives the same for the same text, and names source, licence and command", () => {
    const text = table();
    expect(deriveReferenceServers(text)).toEqual(deriveReferenceServers(text));
    const { licence, command, source } = deriveReferenceServers(text);
    expect(licence).toBe("Apache-2.0");
    expect(command).toContain("frugal derive reference-servers");
    expect(source).toContain("another version");
  });

  it("refuses malformed lines and names them all (T1)", () => {
    const text = table(
      line("X", { full: "-3" }),
      "1,power_ssj2008,too,short",
      '1,"open',
      line("X", { published: "2021" }),
    );
    const last = referenceProcessors.length + 1;
    const refusal = refusalOf(text);
    expect(refusal).toContain(`line ${last + 1}: "avg. watts @ 100%" is no positive number: "-3"`);
    expect(refusal).toContain(`line ${last + 2}: 4 columns instead of 17`);
    expect(refusal).toContain(`line ${last + 3}: a quoted cell is not closed`);
    expect(refusal).toContain(`line ${last + 4}: "Published" is no month like Sep-2021: "2021"`);
  });

  it("refuses what is no such table at all, and a table without a processor of the list", () => {
    expect(refusalOf("")).toContain("line 1: the header is not that of a SPECpower table");
    expect(refusalOf(`${header}\n${line("Maker 8380")}\n`)).toContain("no result for E5-2660");
  });

  it("sets aside results that contradict themselves (T2)", () => {
    const text = table(line("Maker 8380", { threads: 65 }), line("Maker 8380", { idle: "200.0" }));
    expect(deriveReferenceServers(text).leftOut.map(({ why }) => why)).toEqual([
      "32 cores with 2 threads each are not 65 threads",
      "200 W at idle is not below 200 W at full load",
    ]);
    expect(serverOf(text, "8380")).toMatchObject({ results: 1 });
  });

  it.skipIf(!existsSync(published))("gives exactly the file that ships (needs shared data)", () => {
    const shipped: unknown = JSON.parse(readFileSync(join(checkout, referenceServersFile), "utf8"));
    expect(deriveReferenceServers(readFileSync(published, "utf8"))).toEqual(shipped);
  });
});
