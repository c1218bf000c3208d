/**
 * What is wrong with a platform's data directory, each with what to do; nothing is changed.
 */
import { constants } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { bytes, messageOf } from "@frugal/core";
import { apiKeyFile, readEndpoint } from "../data-directory.ts";
import { formatBytes } from "../terminal/format.ts";

const LITTLE_SPACE = bytes(1024 ** 3);

/** One sentence each; empty where all is well, or where there is no such folder yet. */
export async function dataDirectoryProblems(folder: string): Promise<readonly string[]> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) return [];
  if (!found.isDirectory()) return [`${folder} is no folder; remove it or name another with --data`];
  const checks = [writableProblem, spaceProblem, keyProblem, endpointProblem, databaseProblem];
  const problems = await Promise.all(checks.map((check) => check(folder)));
  return problems.filter((problem) => problem !== undefined);
}

async function writableProblem(folder: string): Promise<string | undefined> {
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch {
    return `${folder} cannot be written by this user; use the user that runs the platform`;
  }
}

async function spaceProblem(folder: string): Promise<string | undefined> {
  const { bavail, bsize } = await statfs(folder);
  const free = bytes(bavail * bsize);
  return free < LITTLE_SPACE
    ? `Only ${formatBytes(free)} are free in ${folder}; code, logs and queue need room`
    : undefined;
}

async function keyProblem(folder: string): Promise<string | undefined> {
  const key = await stat(apiKeyFile(folder)).catch(() => undefined);
  if (key === undefined || (key.mode & 0o077) === 0) return undefined;
  return `Others may read ${apiKeyFile(folder)}; change that: chmod 600 ${apiKeyFile(folder)}`;
}

/** A platform that was killed leaves its address behind; harmless, but a sign. */
async function endpointProblem(folder: string): Promise<string | undefined> {
  const file = join(folder, "endpoint.json");
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (!isThere || (await readEndpoint(folder)) !== undefined) return undefined;
  return `${file} is of a platform that did not end orderly; the next start replaces it`;
}

/** A running platform has its database to itself. */
async function databaseProblem(folder: string): Promise<string | undefined> {
  const file = join(folder, "frugal.db");
  if ((await readEndpoint(folder)) !== undefined) return undefined;
  if ((await stat(file).catch(() => undefined)) === undefined) return undefined;
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      const [first] = Object.values(database.prepare("PRAGMA quick_check(1)").get() ?? {});
      return first === "ok" ? undefined : `${file} is damaged: ${String(first)}; restore it from a backup`;
    } finally {
      database.close();
    }
  } catch (error) {
    return `${file} cannot be read: ${messageOf(error)}; restore it from a backup`;
  }
}
