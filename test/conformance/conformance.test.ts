/**
 * Conformance with the Serverless Workflow DSL 1.0: features in the words of the specification's test kit (CTK), run on a real
 * platform. `features/` has one scenario for each of the kit's; the kit itself is run where FRUGAL_TEST_CTK names the folder
 * of its features (`ctk/features` of a checkout of the specification).
 */
import { join } from "node:path";
import { beforeAll, describe, it } from "vitest";
import { ConformancePlatform } from "./conformance-platform.ts";
import { type Feature, readFeatures, type Scenario } from "./feature-file.ts";
import { runScenario } from "./steps.ts";

const officialFolder = process.env["FRUGAL_TEST_CTK"];

let platform: ConformancePlatform;
beforeAll(async () => {
  platform = await ConformancePlatform.open();
  return () => platform.close();
});

/** What the kit tries and this platform refuses at deployment; our own features hold the refusals. */
const isUnsupported = ({ steps }: Scenario): boolean =>
  steps.some(({ document = "" }) => /^\s*call: openapi$/m.test(document));

function describeFeatures(features: readonly Feature[]): void {
  describe.each(features)("$file: $name", ({ scenarios }) => {
    it.each(scenarios)("$name", async (scenario) => {
      await runScenario(scenario, platform);
    });
  });
}

describe("our features", () => {
  describeFeatures(readFeatures(join(import.meta.dirname, "features")));
});

if (officialFolder === undefined)
  it.skip("the official features, where FRUGAL_TEST_CTK names their folder (needs shared data)", () =>
    undefined);
else
  describe("the official features", () => {
    const features = readFeatures(officialFolder);
    describeFeatures(
      features.map((feature) => ({
        ...feature,
        scenarios: feature.scenarios.filter((scenario) => !isUnsupported(scenario)),
      })),
    );
    it.skip.each(features.flatMap(({ scenarios }) => scenarios.filter(isUnsupported)))(
      "$name (OpenAPI calls are not supported)",
      () => undefined,
    );
  });
