/**
 * The house plan as rules of dependency-cruiser: every import that they match is forbidden.
 */
import type { IRegularForbiddenRuleType } from "dependency-cruiser";
import { functionsFolder, outsideFolders, packagePlans, purePackages } from "../house-plan.ts";
import { testPattern } from "../source-tree.ts";

/** A rule with what to do where it is broken. */
interface EdgeRule {
  readonly name: string;
  readonly remedy: string;
  readonly from: IRegularForbiddenRuleType["from"];
  readonly to: IRegularForbiddenRuleType["to"];
}

const inHouse = `^(packages|${functionsFolder}|${outsideFolders.join("|")})/`;
const folderOf = (name: string): string =>
  name === functionsFolder ? `^${functionsFolder}/` : `^packages/${name}/`;

const packageRules = Object.entries(packagePlans).map(([name, plan]): EdgeRule => ({
  name: `imports-of-${name}`,
  remedy:
    plan.imports.length === 0
      ? `${name} imports no other package: move what it needs down into it, or what needs it up`
      : `${name} imports only ${plan.imports.join(", ")}: go through a port of its own, or move the code`,
  from: { path: folderOf(name) },
  to: { path: inHouse, pathNot: [name, ...plan.imports].map(folderOf) },
}));

export const edgeRules: readonly EdgeRule[] = [
  ...packageRules,
  {
    name: "imports-of-functions",
    remedy: "Benchmark functions run on any platform: they import nothing of the house",
    from: { path: folderOf(functionsFolder) },
    to: { path: inHouse, pathNot: folderOf(functionsFolder) },
  },
  {
    name: "unplanned-package",
    remedy: "Say in tools/house-plan.ts what the package may import",
    from: { path: "^packages/", pathNot: Object.keys(packagePlans).map(folderOf) },
    to: {},
  },
  {
    name: "past-the-index",
    remedy: "Import the package by its name, @frugal/...; what its index does not export is its own",
    from: { path: "^(packages/[^/]+|functions)/" },
    to: { path: inHouse, pathNot: "^$1/", dependencyTypesNot: ["aliased-workspace"] },
  },
  {
    name: "impure",
    remedy: "A pure package does no input and output: take what it needs as an argument or a port",
    from: { path: `^packages/(${purePackages.join("|")})/`, pathNot: testPattern.source },
    to: { dependencyTypes: ["core"] },
  },
  {
    name: "source-imports-test",
    remedy: "Move what both need out of the test",
    from: { path: "^(packages|functions)/", pathNot: testPattern.source },
    to: { path: testPattern.source },
  },
  {
    name: "circular",
    remedy: "Move what both sides need into a file that imports neither",
    from: {},
    to: { circular: true },
  },
  {
    name: "not-found",
    remedy: "Mend the path, or declare the dependency and install it",
    from: {},
    to: { couldNotResolve: true },
  },
];

/** The rules in the form that `cruise` takes. */
export const forbiddenRules: IRegularForbiddenRuleType[] = edgeRules.map(({ name, from, to }) => ({
  name,
  severity: "error",
  from,
  to,
}));
