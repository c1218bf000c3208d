/**
 * Packs and sends functions. All are packed before the first is sent, so that a broken folder changes nothing.
 */
import type { PlatformClient } from "../client/platform-client.ts";
import { type PackedFolder, packFolder } from "../package/pack-folder.ts";
import { counted } from "../terminal/format.ts";
import { ProgressBar } from "../terminal/progress-bar.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Deployable } from "./deployable.ts";

export interface DeployedFunction {
  readonly name: string;
  readonly revision: number;
  readonly files: number;
  readonly unpackedBytes: number;
  readonly zippedBytes: number;
}

export interface PackedFunction extends Deployable {
  readonly code: PackedFolder;
}

/** Side by side: deflation has threads of its own. */
export async function packAll(
  deployables: readonly Deployable[],
  terminal: Terminal,
): Promise<readonly PackedFunction[]> {
  const total = deployables.length;
  const progress = new ProgressBar(terminal, total, `packing ${counted(total, "function")}`);
  let done = 0;
  try {
    return await Promise.all(
      deployables.map(async (one) => {
        const code = await packFolder(one.folder, { patterns: one.patterns });
        progress.update(++done, `packed ${one.name}`);
        return { ...one, code };
      }),
    );
  } finally {
    progress.finish();
  }
}

/** One after another, in order. */
export async function sendAll(
  packed: readonly PackedFunction[],
  client: PlatformClient,
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<readonly DeployedFunction[]> {
  const progress = new ProgressBar(terminal, packed.length, `sending ${counted(packed.length, "function")}`);
  const done: DeployedFunction[] = [];
  try {
    for (const { name, settings, code } of packed) {
      signal?.throwIfAborted();
      progress.update(done.length, `sending ${name}`);
      const { revision } = (await client.deploy(name, settings, code.zip)).function;
      const sizes = { files: code.files, unpackedBytes: code.bytes, zippedBytes: code.zip.length };
      done.push({ name, revision, ...sizes });
    }
  } finally {
    progress.finish();
  }
  return done;
}
