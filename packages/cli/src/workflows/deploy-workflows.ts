/**
 * Sends workflows, one after another, in order.
 */
import { FrugalError } from "@frugal/core";
import type { WorkflowClient } from "../client/workflow-client.ts";
import type { WorkflowView } from "../client/workflow-schemas.ts";
import { printable } from "../terminal/table.ts";
import type { WorkflowFile } from "./workflow-file.ts";

export async function deployWorkflows(
  files: readonly WorkflowFile[],
  client: WorkflowClient,
): Promise<readonly WorkflowView[]> {
  const done: WorkflowView[] = [];
  for (const { name, shown, text } of files) {
    try {
      done.push(await client.deploy(name, text));
    } catch (error) {
      throw error instanceof FrugalError ? refused(error, shown, done) : error;
    }
  }
  return done;
}

/** The platform's refusal, with the file that it is about, and what was deployed before it. */
function refused(error: FrugalError, file: string, done: readonly WorkflowView[]): FrugalError {
  const names = done.map(({ namespace, name }) => `${namespace}/${name}`);
  const before = names.length === 0 ? "" : `\nDeployed before it: ${names.join(", ")}`;
  return new FrugalError(error.code, `${file}: ${error.message}${before}`, {
    details: { ...error.details, file },
    cause: error,
  });
}

/** One line for each, and one for each warning. */
export const deployedText = (workflows: readonly WorkflowView[]): string =>
  workflows
    .flatMap(({ namespace, name, version, warnings = [] }) => [
      `deployed workflow ${namespace}/${name}  version ${version}\n`,
      ...warnings.map((warning) => `  warning: ${printable(warning)}\n`),
    ])
    .join("");
