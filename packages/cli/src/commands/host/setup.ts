import { command } from "../../command.ts";
import { criu } from "../../setup/criu.ts";
import { systemPackages } from "../../setup/packages.ts";
import { nativePrograms } from "../../setup/native-programs.ts";
import { runSetup } from "../../setup/setup.ts";
import { thisHost } from "../../setup/setup-host.ts";
import { setupText } from "../../setup/setup-text.ts";

export const setup = command({
  name: "setup",
  summary: "install what is optional and build what is native",
  description:
    "Installs the optional system packages with apt (as root) and criu, builds the native programs that isolate and restore functions, and says of each thing what became of it. May be run again at any time; what is there stays as it is.",
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
      nativePrograms: await nativePrograms(),
      criu: await criu(),
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
