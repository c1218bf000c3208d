import { FrugalError } from "@frugal/core";
import { checkoutFolder } from "../../checkout.ts";
import { command } from "../../command.ts";
import { unless } from "../../flags.ts";
import { prepareHost } from "../../setup/prepare-host.ts";
import { checks, runCheck } from "../../verify/checks.ts";

export const verify = command({
  name: "verify",
  summary: "check Frugal's own source: all that CI checks",
  description:
    "Runs the checks one after another: format, types, lint, package edges, dead code, house rules, tests. Goes on after a failure, shows what each failed check said, and ends with 1 when one failed.",
  flags: { test: unless("leave the tests out") },
  arguments: {},
  examples: [
    { line: "frugal verify", meaning: "before a change is sent" },
    { line: "frugal verify --no-test", meaning: "the source only; about two minutes" },
  ],
  run: async ({ test }, { terminal, environment }) => {
    if (test) await prepareHost(terminal, environment);
    const chosen = checks.filter(({ name }) => test || name !== "test");
    const results = [];
    for (const check of chosen) {
      const result = await runCheck(check, checkoutFolder);
      results.push(result);
      const { red, green, dim } = terminal.errColours;
      const verdict = result.isPassed ? green("passed") : red("failed");
      terminal.err(`${check.name.padEnd(8)} ${verdict} ${dim(`${result.seconds.toFixed(0)} s`)}\n`);
      if (!result.isPassed) terminal.err(`${result.output.trim()}\n`);
    }
    const failed = results.filter(({ isPassed }) => !isPassed).map(({ name }) => name);
    if (results.length === 0) throw new FrugalError("internal", "No check was run");
    return {
      kind: "answer",
      document: { checks: results.map(({ name, isPassed, seconds }) => ({ name, isPassed, seconds })) },
      text: failed.length === 0 ? `all ${results.length} checks passed\n` : `failed: ${failed.join(", ")}\n`,
      exitCode: failed.length === 0 ? 0 : 1,
    };
  },
});
