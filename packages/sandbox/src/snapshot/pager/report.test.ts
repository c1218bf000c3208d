import { describe, expect, it } from "vitest";
import { PageRuns } from "../working-set/page-runs.ts";
import { parseReport } from "./report.ts";

describe("parseReport()", () => {
  it("reads each kind of report", () => {
    expect(parseReport('{"kind":"listening"}')).toEqual({ kind: "listening" });
    expect(parseReport('{"kind":"finished","session":7}')).toEqual({
      kind: "session",
      session: 7,
      report: { kind: "finished" },
    });
    const touched = parseReport('{"kind":"touched","session":7,"faults":3,"runs":[[100,5,2,0],[100,9,1,1]]}');
    expect(touched).toMatchObject({ report: { touched: { faults: 3 } } });
    expect(JSON.stringify(touched)).toContain(
      JSON.stringify(
        PageRuns.of([
          { pid: 100, first: 5, count: 2 },
          { pid: 100, first: 9, count: 1 },
        ]),
      ),
    );
  });

  it("knows a failure without a session", () => {
    expect(parseReport('{"kind":"failed","session":null,"reason":"gone"}')).toEqual({
      kind: "session",
      session: undefined,
      report: { kind: "closed", end: { kind: "failed", reason: "gone" } },
    });
  });

  it.each([
    "",
    "listening",
    "null",
    '{"kind":"listening"',
    '{"kind":"other","session":1}',
    '{"kind":"finished"}',
    '{"kind":"finished","session":-1}',
    '{"kind":"finished","session":null}',
    '{"kind":"ended","session":1,"faults":1.5,"pages":0,"zeroPages":0,"removedPages":0,"forks":0}',
    '{"kind":"touched","session":1,"faults":0,"runs":[[100,5,2]]}',
    '{"kind":"failed","session":1}',
  ])("refuses %j", (line) => {
    expect(() => parseReport(line)).toThrow("The pager wrote what is no report");
  });
});
