/**
 * What a run of vitest came to: its JSON report, judged by our rules.
 *
 * Invariants (cited by the tests):
 *   V1  a file that could not be collected counts as failed, and so does an error outside of any test
 *   V2  in CI a skipped test is a failure, unless its title says that only shared data is missing
 */
import { relative } from "node:path";
import { z } from "zod";

/** At the end of the title of a test that may be skipped in CI. */
const SHARED_DATA_MARK = "(needs shared data)";

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(""),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, one line each. */
  readonly failures: readonly string[];
}

export interface ReportRules {
  /** The environment variable CI is set. */
  readonly isCi: boolean;
  /** Tests were chosen by name, so that the others are skipped on purpose. */
  readonly isSelection: boolean;
  /** The exit code of vitest. */
  readonly exitCode: number;
  /** Names of files are shown relative to it. */
  readonly folder: string;
}

/** `document` is vitest's report, or undefined where it wrote none. */
export function judgeReport(document: unknown, rules: ReportRules): TestReport {
  const report = reportSchema.safeParse(document);
  if (!report.success)
    return { passed: 0, failed: 1, skipped: 0, failures: ["vitest ended without a report"] };
  const files = report.data.testResults.map((file) => ({ ...file, name: relative(rules.folder, file.name) }));
  const tests = files.flatMap((file) => file.assertionResults.map((test) => ({ ...test, file: file.name })));
  const failures = tests
    .filter(({ status }) => status === "failed")
    .map(({ file, fullName }) => `${file}: ${fullName}`);
  for (const file of files) {
    const hasOwnFailure = file.assertionResults.some(({ status }) => status === "failed");
    if (file.status === "failed" && !hasOwnFailure)
      failures.push(`${file.name}: ${collectionError(file.message)}`);
  }
  const skipped = tests.filter(({ status }) => status !== "passed" && status !== "failed");
  const forbidden =
    rules.isCi && !rules.isSelection
      ? skipped.filter(({ fullName }) => !fullName.endsWith(SHARED_DATA_MARK))
      : [];
  failures.push(
    ...forbidden.map(({ file, fullName }) => `${file}: ${fullName}: skipped, which CI does not allow`),
  );
  if (rules.exitCode !== 0 && failures.length === 0)
    failures.push(outsideError(rules.exitCode, files.length));
  return {
    passed: tests.filter(({ status }) => status === "passed").length,
    failed: failures.length,
    skipped: skipped.length - forbidden.length,
    failures,
  };
}

const collectionError = (message: string): string =>
  `could not be collected${message === "" ? "" : `: ${message.split("\n")[0] ?? ""}`}`;

const outsideError = (exitCode: number, files: number): string =>
  files === 0 ? "no test file was found" : `an error outside of any test (vitest ended with ${exitCode})`;

/** The last line of a run, as scripts read it. */
export const summaryLine = ({ passed, failed, skipped }: TestReport): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
