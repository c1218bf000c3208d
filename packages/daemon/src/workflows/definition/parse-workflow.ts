/**
 * A workflow from the text of its definition, YAML or JSON: read, checked against the DSL's schema by the official SDK, and
 * against what this platform supports. All problems are told at once (I8).
 */
import { setImmediate } from "node:timers/promises";
import type { WorkflowDefinition } from "@frugal/control";
import {
  FrugalError,
  type FunctionName,
  messageOf,
  parseFunctionName,
  parseWorkflowName,
} from "@frugal/core";
import { parseDocument } from "yaml";
import { z } from "zod";
import { expressionsIn } from "./expressions-in.ts";
import { flowProblems } from "./flow-problems.ts";
import { settingsOf } from "./metadata.ts";
import { schemaProblems } from "./schema-problems.ts";
import { unsupportedIn } from "./unsupported.ts";
import { allTasksOf, isObject, reusableTasks, valueAt } from "./walk-tasks.ts";
import type { Workflow } from "./workflow.ts";

/** Of the text, and of what its aliases unfold to. */
export const definitionBytes = 512 * 1024;
const MOST_ALIASES = 100;
const CHECKED_AT_ONCE = 16;
const MOST_EXPRESSION_PROBLEMS = 8;

const json = z.json();
const definitionSchema = z
  .object({
    document: z
      .object({ dsl: z.string(), namespace: z.string(), name: z.string(), version: z.string() })
      .catchall(json),
    do: z.array(z.record(z.string(), json)),
  })
  .catchall(json);

/** Why an expression could never be evaluated; undefined where it could. */
export type ExpressionCheck = (program: string) => string | undefined;

/** The workflow that `text` defines; FrugalError invalid-workflow with every problem. Without `check` expressions are not read. */
export async function parseWorkflow(text: string, check?: ExpressionCheck): Promise<Workflow> {
  const document = read(text);
  const problems = await problemsOf(document);
  const metadata = settingsOf(valueAt(document, ["document", "metadata"]));
  const expressions = check === undefined ? [] : await expressionProblems(document, check);
  const all = [...problems, ...(metadata.problems ?? []), ...flowProblems(document), ...expressions];
  if (all.length > 0) throw invalidWorkflow(all);
  return workflowOf(definitionSchema.parse(document));
}

/** The workflow of a definition that was checked before. */
export function workflowOf(definition: WorkflowDefinition): Workflow {
  const { namespace, name: label, version, title, metadata } = definition.document;
  const name = parseWorkflowName(`${namespace}/${label}`);
  const { settings, problems } = settingsOf(metadata);
  if (name === undefined)
    throw invalidWorkflow([
      "/document: namespace and name must be labels: small letters, digits and hyphens, up to 63 characters",
    ]);
  if (problems !== undefined) throw invalidWorkflow(problems);
  return {
    name,
    version,
    title: typeof title === "string" ? title : undefined,
    definition,
    settings,
    functions: calledFunctions(definition),
  };
}

function read(text: string): unknown {
  if (Buffer.byteLength(text) > definitionBytes)
    throw new FrugalError(
      "payload-too-large",
      `The workflow's definition has more than ${definitionBytes} bytes. Split it: run.workflow starts one from another.`,
    );
  const document = parseDocument(text, { uniqueKeys: true, schema: "core" });
  const [error] = document.errors;
  if (error !== undefined) throw invalidWorkflow([firstLine(error.message)]);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (cause) {
    throw invalidWorkflow([`its aliases cannot be resolved: ${messageOf(cause)}`]);
  }
  if (!isObject(value)) throw invalidWorkflow(["it is no object: it starts with document and do"]);
  if (JSON.stringify(value).length > definitionBytes)
    throw invalidWorkflow([`its aliases unfold to more than ${definitionBytes} bytes`]);
  return value;
}

async function expressionProblems(document: unknown, check: ExpressionCheck): Promise<readonly string[]> {
  const problems: string[] = [];
  let checked = 0;
  for (const { pointer, program } of expressionsIn(document)) {
    // jq takes a millisecond to read one, and everybody else waits meanwhile.
    if (++checked % CHECKED_AT_ONCE === 0) await setImmediate();
    const problem = check(program);
    if (problem !== undefined) problems.push(`${pointer}: the expression cannot be read: ${problem}`);
    if (problems.length >= MOST_EXPRESSION_PROBLEMS) break;
  }
  return problems;
}

async function problemsOf(document: unknown): Promise<readonly string[]> {
  const problems = [...unsupportedIn(document)];
  // Only of a version that is known is it known what is right.
  if (problems.some((problem) => problem.startsWith("/document/dsl:"))) return problems;
  // Loading the SDK takes a third of a second, and a platform without workflows never needs it.
  const { default: sdk } = await import("@serverlessworkflow/sdk");
  try {
    sdk.validate("Workflow", ofCheckedVersion(document));
  } catch (error) {
    problems.push(...schemaProblems(document, messageOf(error)));
  }
  if (problems.length === 0 && !definitionSchema.safeParse(document).success)
    problems.push("it holds values that JSON does not have, such as .inf or .nan");
  return problems;
}

/** The SDK takes documents of its own version only; the patch versions of 1.0 have one schema. */
function ofCheckedVersion(document: unknown): unknown {
  const head = valueAt(document, ["document"]);
  const isSupported = /^1\.0\.\d+/.test(String(valueAt(head, ["dsl"])));
  if (!isObject(document) || !isObject(head) || !isSupported) return document;
  return { ...document, document: { ...head, dsl: "1.0.0" } };
}

/** Names that tasks call which are neither protocols nor defined in the workflow itself. */
function calledFunctions(definition: WorkflowDefinition): readonly FunctionName[] {
  const own = new Set(reusableTasks(definition).map(({ name }) => name));
  const names = new Set<FunctionName>();
  for (const { task } of allTasksOf(definition)) {
    const { call } = task;
    const name =
      typeof call === "string" && call !== "http" && !own.has(call) ? parseFunctionName(call) : undefined;
    if (name !== undefined) names.add(name);
  }
  return [...names];
}

const firstLine = (text: string): string => (text.split("\n")[0] ?? text).replace(/:$/, "");

const invalidWorkflow = (problems: readonly string[]): FrugalError => {
  const [only] = problems;
  const text = problems.length === 1 ? ` ${only}` : problems.map((problem) => `\n- ${problem}`).join("");
  return new FrugalError("invalid-workflow", `The workflow cannot be used:${text}`, {
    details: { problems },
  });
};
