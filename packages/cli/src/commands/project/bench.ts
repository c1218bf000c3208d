import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { checkoutFolder } from "../../checkout.ts";
import { command } from "../../command.ts";
import { amount, text, toggle } from "../../flags.ts";
import { prepareHost } from "../../setup/prepare-host.ts";

export const bench = command({
  name: "bench",
  summary: "measure how fast Frugal is, beside its peers where there are any",
  description:
    "Runs one bench of the folder bench/ in a process of its own, or lists them. Machines are noisy: what counts are medians, ratios and the spread, all of one run.",
  flags: {
    seconds: amount("S", "length of one measurement (default: 3)", { minimum: 0.1, maximum: 3600 }),
    rounds: amount("N", "measurements of each kind (default: 5)", { minimum: 1, maximum: 1000, whole: true }),
    quick: toggle("start: fewer of everything, in under a minute"),
    runs: amount("N", "start: starts of each kind (default: 10)", { minimum: 1, maximum: 1000, whole: true }),
    functions: text("NAMES", "start: these functions only, comma-separated"),
    caches: text("NAMES", "start: these of warm, snapshot-cold, all-cold"),
    kinds: text("NAMES", "start: these of boot, eager, lazy, prefetch, pooled"),
  },
  arguments: { name: text("NAME", "the bench; without it, all are listed") },
  optional: ["name"],
  examples: [
    { line: "frugal bench", meaning: "which there are" },
    {
      line: "frugal bench warm --json",
      meaning: "a warm invocation through the platform, beside three peers",
    },
    { line: "frugal bench start --quick", meaning: "cold starts, booted and restored" },
    { line: "frugal bench control --rounds 9", meaning: "events per second of the control plane" },
  ],
  run: async ({ name, quick, ...values }, context) => {
    const { terminal, environment, json } = context;
    if (name !== undefined) await prepareHost(terminal, environment);
    const given = [
      ...(name === undefined ? [] : [name]),
      ...(json ? ["--json"] : []),
      ...(quick ? ["--quick"] : []),
      ...Object.entries(values).flatMap(([flag, value]) =>
        value === undefined ? [] : [`--${flag}`, String(value)],
      ),
    ];
    const main = join(checkoutFolder, "bench", "main.ts");
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...given], {
      stdio: "inherit",
    });
    const undo = context.onSignal((signal) => child.kill(signal));
    const [code] = (await once(child, "exit")) as [number | null];
    undo();
    return { kind: "streamed", exitCode: code ?? 70 };
  },
});
