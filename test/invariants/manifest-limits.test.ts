import { describe, expect, it } from "vitest";
import { configurationLimits } from "../../packages/daemon/src/registry/limits.ts";
import { manifestLimits } from "../../packages/cli/src/manifest/limits.ts";

describe("manifestLimits", () => {
  it("are the platform's", () => {
    expect(configurationLimits).toMatchObject(manifestLimits);
    expect(Object.keys(manifestLimits).sort()).toEqual(Object.keys(configurationLimits).sort());
  });
});
