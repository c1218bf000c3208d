import { resolve } from "node:path";
import { mebibytes } from "@frugal/core";
import { DEFAULT_PORT } from "../../client/connection.ts";
import { command } from "../../command.ts";
import { dataDirectoryOf, isRoot } from "../../data-directory.ts";
import { amount, text, unless } from "../../flags.ts";

export const up = command({
  name: "up",
  summary: "run the platform in the foreground",
  description:
    "Runs the platform until SIGINT or SIGTERM, which let running invocations finish; a second signal stops at once. What no flag says comes from FRUGAL_ variables, then from the defaults. Functions are isolated where this runs as root and frugal setup has built the native init.",
  flags: {
    host: text("ADDRESS", "address to listen on (default: 127.0.0.1)"),
    port: amount("PORT", `port to listen on, 0 for any free one (default: ${DEFAULT_PORT})`, {
      minimum: 0,
      maximum: 65_535,
      whole: true,
    }),
    data: text(
      "DIR",
      "data directory (or FRUGAL_DATA; default: /var/lib/frugal as root, else ~/.local/share/frugal)",
    ),
    auth: unless("take requests without an API key; only where the address is loopback"),
    cores: amount("CORES", "cores that functions may use together (default: all)", {
      minimum: 0.1,
      maximum: 4096,
    }),
    memory: amount("MIB", "memory that functions may use together", {
      minimum: 128,
      maximum: 2 ** 30,
      whole: true,
    }),
    keepAlive: text("POLICY", "how long idle instances are kept"),
    readyFile: text("FILE", "write the address there, as JSON, when the platform listens"),
  },
  arguments: {},
  examples: [
    { line: "frugal up", meaning: "listens on 127.0.0.1:8787" },
    {
      line: "frugal up --port 0 --json",
      meaning: "any free port; prints {url, ...} in one line when it listens",
    },
    { line: "frugal up --no-auth --data /tmp/try", meaning: "for a try, without a key" },
  ],
  run: async ({ data, readyFile, memory, ...input }, context) => {
    const { environment, workingDirectory } = context;
    const { serve } = await import("../../up/serve.ts");
    const { runDaemon } = await import("@frugal/daemon");
    const exitCode = await serve(
      {
        daemon: {
          host: input.host,
          port: input.port,
          dataDirectory: dataDirectoryOf({ data, environment, workingDirectory, isRoot: isRoot() }),
          auth: input.auth ? undefined : false,
          capacity: {
            cores: input.cores,
            memoryBytes: memory === undefined ? undefined : mebibytes(memory),
          },
          keepAlive: { policy: input.keepAlive },
        },
        readyFile: readyFile === undefined ? undefined : resolve(workingDirectory, readyFile),
      },
      runDaemon,
      context,
    );
    return { kind: "streamed", exitCode };
  },
});
