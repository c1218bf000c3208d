/**
 * Work that a signal ends in order: the first aborts it, so that it can clean up; the second ends the process at once.
 */
import { constants } from "node:os";
import type { CommandContext } from "./command.ts";

export type Interruptible<T> =
  { readonly kind: "done"; readonly value: T } | { readonly kind: "interrupted"; readonly exitCode: number };

/** `work` rejects soon after its signal has aborted. */
export async function interruptible<T>(
  context: CommandContext,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<Interruptible<T>> {
  const controller = new AbortController();
  let exitCode = 0;
  const undo = context.onSignal((signal) => {
    exitCode = 128 + constants.signals[signal];
    if (controller.signal.aborted) context.exit(exitCode);
    else context.terminal.err(`${signal}: cleaning up; again to stop at once\n`);
    controller.abort();
  });
  try {
    const value = await work(controller.signal);
    return { kind: "done", value };
  } catch (error) {
    if (controller.signal.aborted) return { kind: "interrupted", exitCode };
    throw error;
  } finally {
    undo();
  }
}
