/**
 * What functions need of this host's Python and do not find there.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { StartFunction } from "./start-function.ts";

/** The interpreter that the platform runs functions with. */
const SYSTEM_PYTHON = "/usr/bin/python3";

/** One sentence with the remedy, or undefined where nothing is missing. */
export function missingLibraries({ pythonModules = {} }: StartFunction): string | undefined {
  const missing = Object.keys(pythonModules).filter((module) => !hasModule(module));
  if (missing.length === 0) return undefined;
  const packages = missing.map((module) => pythonModules[module]).join(" ");
  return `python3 has no ${missing.join(", ")} (Debian: apt-get install --no-install-recommends ${packages})`;
}

function hasModule(name: string): boolean {
  const python = existsSync(SYSTEM_PYTHON) ? SYSTEM_PYTHON : "python3";
  return spawnSync(python, ["-s", "-c", `import ${name}`], { stdio: "ignore" }).status === 0;
}
