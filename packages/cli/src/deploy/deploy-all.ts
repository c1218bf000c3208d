/**
 * Packs and sends functions. All are packed before the first is sent, so that a broken folder changes nothing.
 */
import type { PlatformClient } from "../client/platform-client.ts";
import { packFolder } from "../package/pack-folder.ts";
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

export async function deployAll(
  deployables: readonly Deployable[],
  client: PlatformClient,
  terminal: Terminal,
): Promise<readonly DeployedFunction[]> {
  const progress = new ProgressBar(terminal, 2 * deployables.length);
  let step = 0;
  const packed = [];
  const done: DeployedFunction[] = [];
  try {
    for (const one of deployables) {
      progress.update(step++, `packing ${one.name}`);
      packed.push({ ...one, code: await packFolder(one.folder, { patterns: one.patterns }) });
    }
    for (const { name, settings, code } of packed) {
      progress.update(step++, `sending ${name}`);
      const { revision } = (await client.deploy(name, settings, code.zip)).function;
      done.push({
        name,
        revision,
        files: code.files,
        unpackedBytes: code.bytes,
        zippedBytes: code.zip.length,
      });
    }
  } finally {
    progress.finish();
  }
  return done;
}
