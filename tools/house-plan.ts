/**
 * The house plan as data: the packages, what each may import, and which are pure. Every tool that checks it reads this.
 */

interface PackagePlan {
  /** PURE: no Node, no I/O, no wall clock, no unseeded randomness. NODE: runs on Node. */
  readonly kind: "pure" | "node";
  /** Packages it may import, by name; nothing else in the house, and each only through its index. */
  readonly imports: readonly string[];
}

/** By folder in `packages/`. An arrow that is not here does not exist. */
export const packagePlans: Readonly<Record<string, PackagePlan>> = {
  core: { kind: "pure", imports: [] },
  predict: { kind: "pure", imports: ["core"] },
  control: { kind: "pure", imports: ["core", "predict"] },
  simulate: { kind: "pure", imports: ["core", "predict", "control"] },
  trace: { kind: "pure", imports: ["core"] },
  machine: { kind: "node", imports: ["core"] },
  sandbox: { kind: "node", imports: ["core"] },
  daemon: { kind: "node", imports: ["core", "predict", "control", "machine", "sandbox"] },
  cli: {
    kind: "node",
    imports: ["core", "predict", "control", "simulate", "trace", "machine", "sandbox", "daemon", "functions"],
  },
};

export const purePackages: readonly string[] = Object.entries(packagePlans)
  .filter(([, plan]) => plan.kind === "pure")
  .map(([name]) => name);

/** The benchmark functions: beside the packages, and independent of them. */
export const functionsFolder = "functions";

/** Folders of source that may import any package. */
export const outsideFolders = ["bench", "test", "tools"] as const;
