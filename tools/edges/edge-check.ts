/**
 * Check of the imports between parts of the house, all of them: types, tests and lazy imports too.
 *
 * Invariants (cited by the tests):
 *   E1  every forbidden import is a problem that names both ends
 *   E2  a source file that was not read is a problem: a reader that fails must not look like a house in order
 */
import { resolve } from "node:path";
import { cruise, type ICruiseResult, type IViolation } from "dependency-cruiser";
import type { Problem } from "../problem.ts";
import { isFixture, projectFiles } from "../source-tree.ts";
import { edgeRules, forbiddenRules } from "./edge-rules.ts";

const sourceFolders = ["packages", "functions", "bench", "test", "tools"];
const sourcePattern = new RegExp(`^(${sourceFolders.join("|")})/.*\\.ts$`);

interface EdgeReport {
  readonly modules: number;
  readonly imports: number;
  readonly problems: readonly Problem[];
}

/** Reads the imports of the files in `folders` below `root`. */
type ImportReader = (
  root: string,
  folders: readonly string[],
) => Promise<{
  readonly modules: ICruiseResult["modules"];
  readonly summary: Pick<ICruiseResult["summary"], "violations">;
}>;

/** Reads every import below `root`, the top of a checkout with its `node_modules`. */
export async function checkEdges(root: string, read: ImportReader = readImports): Promise<EdgeReport> {
  const sources = projectFiles(root).filter((path) => sourcePattern.test(path) && !isFixture(path));
  const folders = sourceFolders.filter((folder) => sources.some((path) => path.startsWith(`${folder}/`)));
  const { modules, summary } = await read(root, folders);
  const known = new Set(modules.map((module) => module.source));
  const unread = sources.filter((path) => !known.has(path));
  return {
    modules: sources.length - unread.length,
    imports: modules.reduce((sum, module) => sum + module.dependencies.length, 0),
    problems: [...unread.map(unreadProblem), ...summary.violations.map(violationProblem)],
  };
}

const readImports: ImportReader = async (root, folders) => {
  const { output } = await cruise([...folders], {
    baseDir: resolve(root),
    // Peers and functions of a bench have packages of their own, installed by the bench.
    exclude: { path: String.raw`(^|/)(\.build|\.frugal|fixtures)/|^bench/(peers|start/functions)/.*\.mjs$` },
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["node", "import", "types", "default"],
    },
    validate: true,
    ruleSet: { forbidden: forbiddenRules },
  });
  if (typeof output === "string")
    throw new Error(`dependency-cruiser answered text: ${output.slice(0, 200)}`);
  return output;
};

const unreadProblem = (file: string): Problem => ({
  file,
  problem: "its imports were not read",
  remedy:
    "dependency-cruiser must accept the installed TypeScript: try npx depcruise --info, then pin versions that fit",
});

const violationProblem = ({ from, to, rule, cycle }: IViolation): Problem => ({
  file: from,
  problem:
    cycle === undefined
      ? `imports ${to} (${rule.name})`
      : `imports itself through ${cycle.map((step) => step.name).join(" -> ")} (${rule.name})`,
  remedy: edgeRules.find((each) => each.name === rule.name)?.remedy ?? "",
});
