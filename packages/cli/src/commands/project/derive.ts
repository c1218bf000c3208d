import { resolve } from "node:path";
import { checkoutFolder } from "../../checkout.ts";
import { command, type CommandGroup, type RunnableCommand } from "../../command.ts";
import type { Derivation } from "../../derive/derivation.ts";
import { derivations } from "../../derive/derivations.ts";
import { required, text } from "../../flags.ts";

const deriveCommand = (derivation: Derivation): RunnableCommand =>
  command({
    name: derivation.name,
    summary: derivation.summary,
    description: `Reads ${derivation.source}, and replaces ${derivation.output} by what it derives, with source and licence.`,
    flags: {
      from: required(text("FILE", "the source file; may be gzipped")),
      output: text("FILE", `where the result goes (default: ${derivation.output} of the checkout)`),
    },
    arguments: {},
    examples: [{ line: `frugal derive ${derivation.name} --from FILE`, meaning: "derive again" }],
    run: async ({ from, output }, { workingDirectory }) => {
      const { runDerivation } = await import("../../derive/run-derivation.ts");
      const to =
        output === undefined ? resolve(checkoutFolder, derivation.output) : resolve(workingDirectory, output);
      const derived = await runDerivation(derivation, resolve(workingDirectory, from), to);
      const verb = derived.isUnchanged ? "unchanged" : "wrote";
      return { kind: "answer", document: derived, text: `${verb} ${derived.to} (${derived.bytes} bytes)\n` };
    },
  });

export const derive: CommandGroup = {
  kind: "group",
  name: "derive",
  summary: "derive the figures in data/ from their sources",
  description:
    "The figures that Frugal ships in data/ are derived from published data. These commands derive them again, and refuse a source with rows that cannot be read.",
  examples: [
    { line: "frugal derive demo-trace --from 1000_inv.csv.gz", meaning: "the demo's hour of arrivals" },
  ],
  commands: derivations.map(deriveCommand),
};
