/**
 * The command line's entry, called by the launcher.
 */
import { checkoutManifest } from "./checkout.ts";
import { sections } from "./commands/index.ts";
import { processContext } from "./process-context.ts";
import { runProgram } from "./program.ts";

const { version, description } = checkoutManifest();
process.exitCode = await runProgram(
  { version, summary: `${description}.`, sections },
  process.argv.slice(2),
  processContext(process),
);
