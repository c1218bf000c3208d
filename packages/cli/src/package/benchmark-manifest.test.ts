import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { benchmarkFunctions } from "@frugal/functions";
import { expect, it } from "vitest";
import { deployablesOf } from "../deploy/deployable.ts";
import { parseManifest } from "../manifest/parse-manifest.ts";

it("functions/frugal.yaml describes the benchmark functions as they describe themselves, and work that they have", async () => {
  const folder = join(import.meta.dirname, "../../../../functions");
  const manifest = parseManifest(await readFile(join(folder, "frugal.yaml"), "utf8"), "frugal.yaml");
  const deployables = deployablesOf(manifest, folder);
  const works = new Map(deployables.map(({ name, settings }) => [name, settings.work]));
  const described = Object.values(benchmarkFunctions).map((each) => ({
    name: each.name,
    folder: join(folder, each.runtimes.nodejs.folder),
    patterns: [],
    settings: {
      runtime: "nodejs",
      handler: each.runtimes.nodejs.handler,
      description: each.summary,
      environment: {},
      memoryMiB: each.memoryMebibytes,
      timeoutSeconds: each.timeoutSeconds,
      work: works.get(each.name),
    },
  }));
  expect(deployables).toEqual(described);
  for (const { name, settings } of deployables) {
    const { size, hyperparameters = [] } = settings.work ?? {};
    const payload =
      Object.values(benchmarkFunctions)
        .find((each) => each.name === name)
        ?.payload("test") ?? {};
    for (const key of size === undefined ? hyperparameters : [size, ...hyperparameters])
      expect(payload).toHaveProperty([key]);
  }
});
