/**
 * The platform's API key: made at the first start, kept in `<dataDirectory>/api-key`, readable by its owner only.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FrugalError } from "@frugal/core";
import { storageFailure } from "../registry/database.ts";

export interface ApiKey {
  readonly key: string;
  readonly path: string;
  /** Made just now, so its user has not seen it yet. */
  readonly isNew: boolean;
}

const keyPattern = /^[A-Za-z0-9_-]{43,}$/;

/** Reads the key or makes one (32 random bytes, base64url). FrugalError where the file is damaged or cannot be written. */
export function loadApiKey(dataDirectory: string): ApiKey {
  const path = join(dataDirectory, "api-key");
  const present = read(path);
  if (present !== undefined) return { key: present, path, isNew: false };
  const key = randomBytes(32).toString("base64url");
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dataDirectory, { recursive: true, mode: 0o711 });
    writeFileSync(draft, `${key}\n`, { mode: 0o600 });
    // A link, unlike a rename, does not replace the key of a platform that starts at the same time.
    linkSync(draft, path);
  } catch (cause) {
    throw storageFailure(`The API key cannot be written to ${path}`, cause);
  } finally {
    rmSync(draft, { force: true });
  }
  return { key, path, isNew: true };
}

function read(path: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8").trim();
    chmodSync(path, 0o600);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw storageFailure(`The API key cannot be read from ${path}`, cause);
  }
  if (!keyPattern.test(text))
    throw new FrugalError(
      "storage-failed",
      `${path} holds no API key (at least 43 letters, digits, "-" or "_"). Delete it, and the next start makes a new one.`,
    );
  return text;
}
