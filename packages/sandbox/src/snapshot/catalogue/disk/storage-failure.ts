/**
 * What went wrong on disk, in words for people.
 */
import { FrugalError, messageOf } from "@frugal/core";

/** Whether `error` is the system's error `code`, such as ENOENT. */
export const isErrorCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

/** `what` failed because of `cause`. */
export function storageFailure(what: string, cause: unknown): FrugalError {
  if (cause instanceof FrugalError) return cause;
  const isFull = isErrorCode(cause, "ENOSPC") || isErrorCode(cause, "EDQUOT");
  const reason = isFull
    ? "the disk is full. Free some space, or set a lower limit for snapshots"
    : messageOf(cause);
  return new FrugalError("storage-failed", `${what}: ${reason}.`, { cause });
}
