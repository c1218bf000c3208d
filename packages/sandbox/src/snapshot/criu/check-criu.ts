/**
 * Whether a criu can work on this kernel with the rights of this process, as far as it can tell itself.
 */
import type { CommandResult } from "../../host/command.ts";
import type { CriuHost } from "./criu-host.ts";
import type { CriuInstallation } from "./criu-installation.ts";
import { runInPrivateRun } from "./private-run.ts";

/** What is in the way, as part of a sentence; undefined where all is well. Needs root. */
export async function checkFailure(
  host: CriuHost,
  { command }: CriuInstallation,
): Promise<string | undefined> {
  const check = await runInPrivateRun(host, [...command, "check"]);
  if (check.kind === "missing") return "unshare (of util-linux) is not installed";
  if (check.code !== 0) return `criu check says: ${lastError(check)}`;
  // A pager installs the pages of restored processes, also after they forked, moved or freed memory.
  const faults = await runInPrivateRun(host, [...command, "check", "--feature", "uffd-noncoop"]);
  if (faults.kind === "ran" && faults.code === 0) return undefined;
  return "processes may not serve the page faults of others (a kernel with CONFIG_USERFAULTFD is needed)";
}

function lastError({ code, stdout, stderr }: CommandResult & { readonly kind: "ran" }): string {
  const lines = `${stdout}\n${stderr}`.split("\n").map((line) => line.trim());
  const errors = lines.filter((line) => line.startsWith("Error"));
  return errors.at(-1) ?? lines.findLast((line) => line !== "") ?? `it ended with code ${code}`;
}
