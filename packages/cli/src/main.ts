/**
 * The command line's entry, called by the launcher.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { checkoutManifest } from "./checkout.ts";
import { sections } from "./commands/index.ts";
import { runProgram } from "./program.ts";
import { processTerminal } from "./terminal/terminal.ts";

const { version, description } = checkoutManifest();
process.exitCode = await runProgram(
  { version, summary: `${description}.`, sections },
  process.argv.slice(2),
  {
    terminal: processTerminal(process),
    environment: process.env,
    workingDirectory: process.cwd(),
    onSignal: (listener) => {
      process.on("SIGINT", listener).on("SIGTERM", listener);
      return () => {
        process.off("SIGINT", listener).off("SIGTERM", listener);
      };
    },
    exit: (code) => process.exit(code),
    sleep: async (milliseconds) => sleep(milliseconds),
  },
);
