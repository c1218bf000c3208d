/**
 * frugal.yaml, read: the manifest, or one error with every problem and its line and column (I8).
 */
import { FrugalError, messageOf } from "@frugal/core";
import { type Document, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { suggestion } from "../nearest.ts";
import { knownKeys, type Path, type Position, positionOf } from "./positions.ts";
import { foreignKeys, type Manifest, type ManifestFunction, manifestSchema } from "./schema.ts";

interface ManifestProblem extends Position {
  readonly message: string;
}

/** `file` names the text in messages. Throws `invalid-manifest`. */
export function parseManifest(text: string, file: string): Manifest {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const syntax = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return { line, column: col, message: error.message };
  });
  if (syntax.length > 0) throw invalidManifest(file, syntax);
  const at = (path: Path): Position => positionOf(document, lines, path);

  const outcome = manifestSchema.safeParse(plainValue(document, file));
  const problems = outcome.success
    ? missingParts(outcome.data).map(({ path, message }) => ({ ...at(path), message }))
    : outcome.error.issues.flatMap((issue) => problemsOf(issue, at));
  if (!outcome.success || problems.length > 0) throw invalidManifest(file, problems);
  return outcome.data;
}

/** The error that lists `problems`, first line first. */
function invalidManifest(file: string, problems: readonly ManifestProblem[]): FrugalError {
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const shown = sorted.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  return new FrugalError("invalid-manifest", [`${file} has ${count}`, ...shown].join("\n"), {
    details: { file, problems: sorted },
  });
}

/** An empty file is an empty map, so that what is missing is said. */
function plainValue(document: Document, file: string): unknown {
  try {
    const value: unknown = document.toJS();
    return value ?? {};
  } catch (error) {
    // Aliases without anchors, or so many that they would fill the memory.
    throw invalidManifest(file, [{ line: 1, column: 1, message: messageOf(error) }]);
  }
}

function problemsOf(issue: z.core.$ZodIssue, at: (path: Path) => Position): ManifestProblem[] {
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(manifestSchema, issue.path);
    return issue.keys.map((key) => ({
      ...at([...issue.path, key]),
      message: `unknown key "${key}"${unknownKeyAdvice(key, known, issue.path)}`,
    }));
  }
  const place = issue.path.map(String).join(".");
  const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  const shown = message.replace(/^(Invalid input|Too small|Too big): /, "");
  return [{ ...at(issue.path), message: place === "" ? shown : `${place}: ${shown}` }];
}

function unknownKeyAdvice(key: string, known: readonly string[], path: Path): string {
  const foreign = Object.hasOwn(foreignKeys, key) ? foreignKeys[key] : undefined;
  if (foreign !== undefined) return `: ${foreign}`;
  const meant = suggestion(key, known);
  if (meant !== "") return meant;
  return known.length === 0
    ? ""
    : `; known ${path.length === 0 ? "at the top" : "here"}: ${known.join(", ")}`;
}

interface Missing {
  readonly path: Path;
  readonly message: string;
}

/** What each field alone cannot tell. */
function missingParts(manifest: Manifest): readonly Missing[] {
  const entries = Object.entries(manifest.functions);
  if (entries.length === 0) return [{ path: ["functions"], message: "functions: there is none" }];
  return entries.flatMap(([name, one]) => missingOfFunction(["functions", name], one, manifest));
}

function missingOfFunction(path: Path, one: ManifestFunction, { provider }: Manifest): Missing[] {
  const missing: Missing[] = [];
  const say = (message: string, at: Path = path): void => {
    missing.push({ path: at, message: `${at.map(String).join(".")}: ${message}` });
  };
  const runtime = one.runtime ?? provider?.runtime;
  if (runtime === undefined) say("has no runtime; name one here or under provider");
  const isProvided = runtime?.startsWith("provided") === true;
  if (one.handler === undefined && !isProvided) say("has no handler, such as index.handler");
  if (one.handler !== undefined && !isProvided && !/^[^./][^\s]*\.[A-Za-z_$][\w$]*$/.test(one.handler)) {
    say(`"${one.handler}" must name a module and its function, such as index.handler`, [...path, "handler"]);
  }
  if (one.architecture !== undefined && one.architectures !== undefined) {
    say("names architecture and architectures; keep one", [...path, "architecture"]);
  }
  if ((one.provisionedConcurrency ?? 0) > (one.reservedConcurrency ?? Infinity)) {
    say("is more than reservedConcurrency", [...path, "provisionedConcurrency"]);
  }
  if (isProvided && (one.concurrency ?? 1) !== 1) {
    say("must be 1 for provided runtimes", [...path, "concurrency"]);
  }
  return missing;
}
