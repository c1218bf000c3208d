/**
 * Errors as the user sees them: `frugal: what was wrong`, then indented lines with the rest.
 */
import { exitCodeOf, FrugalError, messageOf } from "@frugal/core";
import type { Colours } from "./terminal.ts";

/** `thrown` as an error of the catalogue: what is none of ours is a fault of ours. */
export function failureOf(thrown: unknown): FrugalError {
  if (thrown instanceof FrugalError) return thrown;
  const system = systemFailure(thrown);
  if (system !== undefined) return new FrugalError(system, messageOf(thrown), { cause: thrown });
  return new FrugalError("internal", messageOf(thrown), { cause: thrown });
}

export const exitCodeOfFailure = (failure: FrugalError): number => exitCodeOf[failure.group];

/** The lines for stderr. Faults of Frugal itself show where they happened; other errors never do. */
export function failureText(failure: FrugalError, colours: Colours): string {
  const [first = "", ...rest] = failure.message.split("\n");
  const lines = [`${colours.red("frugal:")} ${first}`, ...rest.map(indented)];
  if (failure.group === "internal") {
    const origin = failure.cause instanceof Error ? failure.cause : failure;
    const stack = (origin.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
    lines.push(
      "  This is a fault of Frugal, not of your input:",
      ...stack.map((line) => `    ${line.trim()}`),
    );
  }
  return lines.map((line) => `${line}\n`).join("");
}

const indented = (line: string): string => (line.startsWith("  ") || line === "" ? line : `  ${line}`);

/** Conditions of the host that any file operation can meet. */
function systemFailure(thrown: unknown): "storage-failed" | "host-unsupported" | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown)) return undefined;
  switch (thrown.code) {
    case "ENOSPC":
    case "EDQUOT":
    case "EROFS":
    case "EIO":
      return "storage-failed";
    case "EACCES":
    case "EPERM":
    case "EMFILE":
    case "ENFILE":
      return "host-unsupported";
    default:
      return undefined;
  }
}
