/**
 * `docs/configuration.md`, made from the schemas that check the settings so that the page and the platform cannot differ.
 */
import { configurationDocument, type SettingDocument } from "@frugal/daemon";
import { format } from "prettier";
import type { HouseRule } from "./house.ts";

export const settingsPageFile = "docs/configuration.md";

const head = "| setting | meaning | default | range | variable |\n| - | - | - | - | - |";
const functionHead = "| setting | meaning | default | range |\n| - | - | - | - |";

const code = (text: string): string => (text === "" ? "" : `\`${text}\``);

const platformRow = ({ path, meaning, normal, range, variable }: SettingDocument): string =>
  `| ${code(path)} | ${meaning} | ${normal} | ${range} | ${code(variable)} |`;
const functionRow = ({ path, meaning, normal, range }: SettingDocument): string =>
  `| ${code(path)} | ${meaning} | ${normal} | ${range} |`;

/** The page as it must be. */
export function settingsPage(): Promise<string> {
  const { platform, functions } = configurationDocument();
  return format(
    [
      "# Configuration",
      "<!-- Made from packages/daemon/src/config.ts and packages/daemon/src/registry by: node tools/check-house.ts --write -->",
      "## The platform",
      "A setting comes from a flag of `frugal up` (see `frugal up --help`), else from its environment variable, else it has its default. Names end with their unit where they have one. Whoever starts the platform from code (`runDaemon`) gives all of them by path. An unknown variable that begins with `FRUGAL_` is an error.",
      [head, ...platform.map(platformRow)].join("\n"),
      "## A function",
      "As `PUT /v1/functions/{name}` takes them. In `frugal.yaml` and AWS Lambda's API, those that Lambda has too go by Lambda's names (`memorySize`, `timeout`, ...; `frugal deploy` says where a name is wrong).",
      [functionHead, ...functions.map(functionRow)].join("\n"),
    ].join("\n\n"),
    { parser: "markdown", printWidth: 110 },
  );
}

/** The page says what the schemas say. */
export const settingsPageIsCurrent: HouseRule = {
  rule: `${settingsPageFile} lists exactly the settings there are`,
  check: async (house) =>
    house.files.includes(settingsPageFile) && house.read(settingsPageFile) === (await settingsPage())
      ? []
      : [
          {
            file: settingsPageFile,
            problem: "it does not agree with the settings",
            remedy: "Make it again: node tools/check-house.ts --write",
          },
        ],
};
