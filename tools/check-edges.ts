/**
 * `node tools/check-edges.ts`: fails where an import crosses the house plan (`tools/house-plan.ts`) or goes in a circle.
 */
import { fileURLToPath } from "node:url";
import { checkEdges } from "./edges/edge-check.ts";
import { reportProblems } from "./problem.ts";

const { modules, imports, problems } = await checkEdges(fileURLToPath(new URL("..", import.meta.url)));
process.exitCode = reportProblems(
  problems,
  `edges: ${imports} imports of ${modules} files keep to the house plan`,
);
