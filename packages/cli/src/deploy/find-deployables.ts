/**
 * What `frugal deploy PATH` means: a manifest, a folder with one, or a folder that is one function.
 */
import { readFile, stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { FrugalError, messageOf } from "@frugal/core";
import { suggestion } from "../nearest.ts";
import { parseManifest } from "../manifest/parse-manifest.ts";
import { bareFunction, type Wishes } from "./bare-folder.ts";
import { type Deployable, deployablesOf } from "./deployable.ts";

const manifestNames = ["frugal.yaml", "frugal.yml"] as const;

export interface DeployRequest {
  /** Absolute. */
  readonly path: string;
  readonly workingDirectory: string;
  readonly wishes: Wishes;
  /** Functions of a manifest to deploy, and nothing else; all, and the workflows, where empty. */
  readonly only: readonly string[];
}

export interface Deployables {
  readonly functions: readonly Deployable[];
  /** Files of workflows, absolute. */
  readonly workflows: readonly string[];
}

/** Throws `invalid-request` and `invalid-manifest`. */
export async function findDeployables(request: DeployRequest): Promise<Deployables> {
  const { path, wishes, only } = request;
  const found = await stat(path).catch((error: unknown) => {
    throw new FrugalError("invalid-request", `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  });
  if (!found.isDirectory()) return fromManifest(path, request);
  for (const name of manifestNames) {
    const file = join(path, name);
    if (await exists(file)) return fromManifest(file, request);
  }
  if (only.length > 0) {
    throw new FrugalError(
      "invalid-request",
      `--only chooses among a manifest's functions; ${path} has no frugal.yaml`,
    );
  }
  return { functions: [await bareFunction(path, wishes)], workflows: [] };
}

async function fromManifest(file: string, request: DeployRequest): Promise<Deployables> {
  const given = Object.keys(request.wishes);
  if (given.length > 0) {
    throw new FrugalError(
      "invalid-request",
      [
        `${given.map(flagOf).join(", ")}: only for a folder without a manifest`,
        `Change ${relative(request.workingDirectory, file)} instead`,
      ].join("\n"),
    );
  }
  const shown = relative(request.workingDirectory, file);
  const manifest = parseManifest(await readFile(file, "utf8"), shown.startsWith("..") ? file : shown);
  const all = deployablesOf(manifest, dirname(file));
  const workflows = request.only.length === 0 ? (manifest.workflows ?? []) : [];
  return {
    functions: chosen(all, request.only, shown),
    workflows: workflows.map((path) => resolve(dirname(file), path)),
  };
}

function chosen(all: readonly Deployable[], only: readonly string[], file: string): readonly Deployable[] {
  const names = all.map(({ name }) => name);
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const message = `--only: ${file} has no function "${unknown}"${suggestion(unknown, names)}`;
    throw new FrugalError("invalid-request", message, { details: { known: names } });
  }
  return only.length === 0 ? all : all.filter(({ name }) => only.includes(name));
}

const flagOf = (wish: string): string =>
  wish === "memoryMiB" ? "--memory" : wish === "timeoutSeconds" ? "--timeout" : `--${wish}`;

const exists = async (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
