/**
 * The world of a command: this process.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { CommandContext } from "./command.ts";
import { processTerminal } from "./terminal/terminal.ts";

/** Ask the process to end. SIGHUP comes when its terminal goes away: to end at once then would leave work undone. */
const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export const processContext = (of: NodeJS.Process): Omit<CommandContext, "json"> => ({
  terminal: processTerminal(of),
  environment: of.env,
  workingDirectory: of.cwd(),
  onSignal: (listener) => {
    for (const signal of endings) of.on(signal, listener);
    return () => {
      for (const signal of endings) of.off(signal, listener);
    };
  },
  exit: (code) => of.exit(code),
  sleep: async (milliseconds) => sleep(milliseconds),
});
