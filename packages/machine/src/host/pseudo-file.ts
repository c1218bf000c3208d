/**
 * Files of sysfs and procfs: small texts that the kernel makes anew at every read.
 *
 * A `PseudoFile` keeps its descriptor, so that a periodic read costs one system call. After a failed read it opens the file
 * again, because the driver behind it may have been unloaded and loaded.
 */
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { messageOf } from "@frugal/core";

export type PseudoText =
  { readonly kind: "text"; readonly text: string } | { readonly kind: "unreadable"; readonly reason: string };

/** Shared by all files: reads are synchronous and copy the text out at once. Periodic reads need one page at most. */
const page = Buffer.allocUnsafe(4096);

export class PseudoFile {
  readonly path: string;
  #descriptor: number | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** The first 4096 bytes as the kernel makes them now, without the final newline. */
  read(): PseudoText {
    try {
      this.#descriptor ??= openSync(this.path, "r");
      const length = readSync(this.#descriptor, page, 0, page.length, 0);
      return { kind: "text", text: page.toString("utf8", 0, length).trimEnd() };
    } catch (error) {
      this.close();
      return { kind: "unreadable", reason: `${this.path}: ${readErrorReason(error)}` };
    }
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** The whole text of a file that is read once, without the final newline. */
export function readPseudoText(path: string): PseudoText {
  try {
    return { kind: "text", text: readFileSync(path, "utf8").trimEnd() };
  } catch (error) {
    return { kind: "unreadable", reason: `${path}: ${readErrorReason(error)}` };
  }
}

/** The text at `path`, or undefined where it cannot be read. For facts whose absence needs no reason. */
export function pseudoTextOf(path: string): string | undefined {
  const read = readPseudoText(path);
  return read.kind === "text" ? read.text : undefined;
}

/** Names in the folder at `path`, in a stable order that counts numbers; empty where it cannot be read. */
export function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  } catch {
    return [];
  }
}

/** Why a read of such a file failed, in a few words. */
export function readErrorReason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
      return "not there";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "ENODATA":
    case "ENXIO":
    case "EIO":
      return "the driver gives no data";
    default:
      return messageOf(error);
  }
}
