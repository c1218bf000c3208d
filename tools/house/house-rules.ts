/**
 * The house rules. A new one is a file beside this and an entry here.
 */
import { documents } from "./documents.ts";
import { errorPageIsCurrent } from "./error-page.ts";
import { fileNames } from "./file-names.ts";
import { folders } from "./folders.ts";
import { settingsPageIsCurrent } from "./settings-page.ts";
import type { Problem } from "../problem.ts";
import type { House, HouseRule } from "./house.ts";
import { links } from "./links.ts";
import { words } from "./words.ts";

export const houseRules: readonly HouseRule[] = [
  fileNames,
  folders,
  documents,
  errorPageIsCurrent,
  settingsPageIsCurrent,
  links,
  words,
];

/** Everything in `house` that breaks a rule. */
export async function checkHouse(house: House): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const rule of houseRules) problems.push(...(await rule.check(house)));
  return problems;
}
