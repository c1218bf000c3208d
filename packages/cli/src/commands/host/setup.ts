import { command } from "../../command.ts";
import { systemPackages } from "../../setup/packages.ts";
import { nativeInit } from "../../setup/native-init.ts";
import { runSetup } from "../../setup/setup.ts";
import { thisHost } from "../../setup/setup-host.ts";
import { setupText } from "../../setup/setup-text.ts";

export const setup = command({
  name: "setup",
  summary: "install what is optional and build what is native",
  description:
    "Installs the optional system packages with apt (as root), builds the native init that isolates functions, and says of each thing what became of it. May be run again at any time; what is there stays as it is.",
  flags: {},
  arguments: {},
  examples: [
    { line: "frugal setup", meaning: "everything that this host allows" },
    { line: "sudo frugal setup", meaning: "the same as root, who may install packages" },
  ],
  run: async (_input, { terminal, environment }) => {
    const items = await runSetup({
      host: thisHost(environment),
      packages: systemPackages,
      nativeInit: await nativeInit(),
      announce: (line) => {
        terminal.err(`${line}\n`);
      },
      wall: Date.now() / 1000,
    });
    const hasFailed = items.some(({ state }) => state === "failed");
    return {
      kind: "answer",
      document: { items },
      text: setupText(items, terminal.outColours),
      exitCode: hasFailed ? 1 : 0,
    };
  },
});
