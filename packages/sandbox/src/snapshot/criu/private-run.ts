/**
 * Runs criu where /run is an empty tmpfs of its own. criu keeps what it found out about the kernel in /run/criu.kdat, but
 * only on tmpfs: elsewhere it leaves an empty file behind, and on tmpfs it may read what another version of it wrote.
 */
import type { CommandResult } from "../../host/command.ts";
import type { CriuHost } from "./criu-host.ts";

const RUN = `mount -t tmpfs -o mode=0755 tmpfs /run && "$@"`;
/** The descriptor is opened before /run is covered, as the file may be in there. */
const RUN_AND_KEEP = `exec 9>"$0" && mount -t tmpfs -o mode=0755 tmpfs /run && "$@" 9>&- && cat /run/criu.kdat >&9`;

/** Needs root. With `keep`, criu's findings are written to that file. */
export const runInPrivateRun = (
  host: CriuHost,
  command: readonly string[],
  keep?: string,
): Promise<CommandResult> =>
  host.run("unshare", [
    "--mount",
    "sh",
    "-c",
    ...(keep === undefined ? [RUN, "criu"] : [RUN_AND_KEEP, keep]),
    ...command,
  ]);
