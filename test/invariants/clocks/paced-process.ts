/**
 * A platform as `frugal up` runs it, but on clocks that are files in a folder: `paced-process.ts FOLDER DATA CLOCKS`. SIGUSR2 is
 * a fault that nobody catches.
 */
import { join } from "node:path";
import { runDaemon } from "@frugal/daemon";
import { processContext } from "../../../packages/cli/src/process-context.ts";
import { serve } from "../../../packages/cli/src/up/serve.ts";

const [folder = "", dataDirectory = "", clocks] = process.argv.slice(2);
const roots = { sysRoot: join(folder, "sys"), procRoot: join(folder, "proc"), devRoot: join(folder, "dev") };

process.on("SIGUSR2", () => {
  throw new Error("A fault of this test");
});
process.exitCode = await serve(
  {
    daemon: {
      host: undefined,
      port: 0,
      dataDirectory,
      auth: false,
      capacity: { cores: undefined, memoryBytes: undefined },
      keepAlive: { policy: undefined },
      startPolicy: undefined,
      pace: { policy: undefined, clocks, model: undefined },
      snapshots: { sizeBytes: undefined, reserve: undefined, hotBytes: undefined },
    },
    readyFile: undefined,
    // However the test ends, its platforms end with it.
    endsWithInput: true,
  },
  (wishes) => runDaemon(wishes, { roots, folder: join(folder, "run") }),
  { ...processContext(process), json: true },
);
