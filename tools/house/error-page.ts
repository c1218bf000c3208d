/**
 * `docs/errors.md`, made from the error catalogue so that the two cannot differ.
 */
import { type ErrorCode, type ErrorGroup, errorCatalogue, exitCodeOf } from "@frugal/core";
import { format } from "prettier";
import type { HouseRule } from "./house.ts";

export const errorPageFile = "docs/errors.md";

const groups: Readonly<Record<ErrorGroup, { readonly title: string; readonly meaning: string }>> = {
  user: { title: "Yours to mend", meaning: "The request, the function or a file of yours has to change." },
  environment: {
    title: "Of the surroundings",
    meaning: "The host or the load stands in the way; nothing is wrong with what was asked.",
  },
  internal: { title: "Ours", meaning: "A fault of Frugal; please report it with the whole message." },
};

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCatalogue, code);
const codes: readonly ErrorCode[] = Object.keys(errorCatalogue).filter(isErrorCode);

function sectionOf(group: ErrorGroup): string {
  const rows = codes
    .filter((code) => errorCatalogue[code].group === group)
    .map((code) => {
      const { status, retryable, meaning } = errorCatalogue[code];
      return `| \`${code}\` | ${meaning} | ${status} | ${retryable ? "yes" : "no"} |`;
    });
  const { title, meaning } = groups[group];
  return [
    `## ${title} (\`${group}\`, exit code ${exitCodeOf[group]})`,
    meaning,
    ["| code | meaning | HTTP status | worth another try |", "| - | - | - | - |", ...rows].join("\n"),
  ].join("\n\n");
}

/** The page as it must be. */
export const errorPage = (): Promise<string> =>
  format(
    [
      "# Errors",
      "<!-- Made from packages/core/src/errors.ts by: node tools/check-house.ts --write -->",
      "Every error has a code of this page. Its message says what was wrong, where, and what to do next; the same text is the `message` of an API's JSON, beside `code` and `details`. The command line ends with the exit code of the group.",
      "A status of 200 is AWS Lambda's way: the invocation was carried out, and the header `X-Amz-Function-Error` says that the function failed.",
      ...(["user", "environment", "internal"] as const).map(sectionOf),
    ].join("\n\n"),
    { parser: "markdown", printWidth: 110 },
  );

/** The page lists exactly the codes of the catalogue. */
export const errorPageIsCurrent: HouseRule = {
  rule: `${errorPageFile} lists exactly the errors of the catalogue`,
  check: async (house) =>
    house.files.includes(errorPageFile) && house.read(errorPageFile) === (await errorPage())
      ? []
      : [
          {
            file: errorPageFile,
            problem: "it does not agree with the error catalogue",
            remedy: "Make it again: node tools/check-house.ts --write",
          },
        ],
};
