/**
 * Runs a derivation: reads the source (unpacked where it is gzipped), derives, and replaces the result in one step.
 */
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { FrugalError, messageOf } from "@frugal/core";
import { writeAtomically } from "../data-directory.ts";
import type { Derivation } from "./derivation.ts";

export interface DerivedFile {
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
  /** Whether the file had the same content already. */
  readonly isUnchanged: boolean;
}

/** `from` and `to` are absolute. The result is checked to be JSON before it replaces anything. */
export async function runDerivation(derivation: Derivation, from: string, to: string): Promise<DerivedFile> {
  const text = await derivation.derive(await readSource(from));
  JSON.parse(text);
  const before = await readFile(to, "utf8").catch(() => undefined);
  const isUnchanged = before === text;
  if (!isUnchanged) {
    await mkdir(dirname(to), { recursive: true });
    await writeAtomically(to, text);
  }
  return { from, to, bytes: Buffer.byteLength(text), isUnchanged };
}

const inflate = promisify(gunzip);

async function readSource(file: string): Promise<string> {
  try {
    const content = await readFile(file);
    const isGzip = content[0] === 0x1f && content[1] === 0x8b;
    const plain = isGzip ? await inflate(content) : content;
    // A broken encoding would be replaced silently otherwise, and be derived from.
    return new TextDecoder("utf-8", { fatal: true }).decode(plain);
  } catch (cause) {
    throw new FrugalError("invalid-request", `--from: ${file} cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}
