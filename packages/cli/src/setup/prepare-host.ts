/**
 * `ensureSetup` for this host, as commands call it before they run functions: silent where nothing is to be done.
 */
import type { Terminal } from "../terminal/terminal.ts";
import { criu } from "./criu.ts";
import { nativePrograms } from "./native-programs.ts";
import { systemPackages } from "./packages.ts";
import { ensureSetup } from "./setup.ts";
import { thisHost } from "./setup-host.ts";
import { setupText } from "./setup-text.ts";

export async function prepareHost(
  terminal: Terminal,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const items = await ensureSetup({
    host: thisHost(environment),
    packages: systemPackages,
    nativePrograms: await nativePrograms(),
    criu: await criu(),
    announce: (line) => {
      terminal.err(`${line}\n`);
    },
    wall: Date.now() / 1000,
  });
  if (items.length > 0) terminal.err(setupText(items, terminal.errColours));
}
