/**
 * `node tools/check-house.ts [--write]`: fails where a file, folder or document breaks a house rule; `--write` first
 * makes again what is made from source.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { errorPage, errorPageFile } from "./house/error-page.ts";
import { houseAt } from "./house/house.ts";
import { checkHouse, houseRules } from "./house/house-rules.ts";
import { settingsPage, settingsPageFile } from "./house/settings-page.ts";
import { reportProblems } from "./problem.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
if (process.argv.includes("--write")) {
  writeFileSync(new URL(`../${errorPageFile}`, import.meta.url), await errorPage());
  writeFileSync(new URL(`../${settingsPageFile}`, import.meta.url), await settingsPage());
}

const house = houseAt(root);
process.exitCode = reportProblems(
  await checkHouse(house),
  `house: ${house.files.length} files keep to ${houseRules.length} rules`,
);
