/**
 * Gherkin features as data: what a scenario does, step by step.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AstBuilder, compile, GherkinClassicTokenMatcher, Parser } from "@cucumber/gherkin";
import { IdGenerator } from "@cucumber/messages";

export interface Step {
  /** Without its keyword. */
  readonly text: string;
  /** The text in triple quotes below it. */
  readonly document: string | undefined;
}

export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

export interface Feature {
  readonly file: string;
  readonly name: string;
  readonly scenarios: readonly Scenario[];
}

/** Those of the files that end in `.feature`, by name. */
export const readFeatures = (folder: string): readonly Feature[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".feature"))
    .sort()
    .map((file) => parseFeature(file, readFileSync(join(folder, file), "utf8")));

function parseFeature(file: string, text: string): Feature {
  const newId = IdGenerator.incrementing();
  const parser = new Parser(new AstBuilder(newId), new GherkinClassicTokenMatcher());
  const document = parser.parse(text);
  const scenarios = compile(document, file, newId).map(({ name, steps }) => ({
    name,
    steps: steps.map((step) => ({ text: step.text, document: step.argument?.docString?.content })),
  }));
  return { file, name: document.feature?.name ?? file, scenarios };
}
