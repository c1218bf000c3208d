import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { FrugalError, mebibytes } from "@frugal/core";
import { DEFAULT_PORT } from "../../client/connection.ts";
import { command, type CommandContext } from "../../command.ts";
import { dataDirectoryOf, isRoot } from "../../data-directory.ts";
import { amount, list, text, toggle, unless } from "../../flags.ts";

export const up = command({
  name: "up",
  summary: "run the platform in the foreground",
  description:
    "Runs the platform until SIGINT, SIGTERM or SIGHUP, which let running invocations finish; a second signal stops at once. What no flag says comes from FRUGAL_ variables, then from the defaults. Functions are isolated where this runs as root and frugal setup has built the native programs.",
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
    cores: amount(
      "CORES",
      "core shares that may be in use at a time (default: eight times the machine's cores)",
      {
        minimum: 0.1,
        maximum: 4096,
      },
    ),
    memory: amount("MIB", "memory that functions may use together (default: 80 % of the machine's)", {
      minimum: 128,
      maximum: 2 ** 30,
      whole: true,
    }),
    keepAlive: text(
      "POLICY",
      "how long idle instances are kept: hybrid-histogram (default), fixed, greedy-dual, least-joules or provisioned",
    ),
    keepAliveOption: list(
      "NAME=NUMBER",
      "an option of that policy, such as keepForSeconds=60; may be given several times",
    ),
    startPolicy: text(
      "POLICY",
      "how instances are started: cheapest-in-time (default), fastest, always-boot, always-eager or always-prefetch",
    ),
    pace: text(
      "POLICY",
      "how clocks are chosen: frugal (default), frugal-core-only, kypous, or a baseline: performance, powersave, ondemand, conservative, schedutil, gemini, gemini-plus, retail or retail-plus",
    ),
    clocks: text("MODE", "on (default): clocks are set, and put back at the end; dry-run: only chosen; off"),
    paceModel: text("FILE", "what frugal calibrate has fitted on this machine"),
    snapshotSize: amount("MIB", "room for snapshots on the disk (default: 4096)", {
      minimum: 1,
      maximum: 2 ** 30,
      whole: true,
    }),
    snapshotMemory: amount("MIB", "memory for what invocations need of snapshots (default: 256)", {
      minimum: 0,
      maximum: 2 ** 30,
      whole: true,
    }),
    reserve: amount("UNITS", "isolation units that are made ahead (default: 2)", {
      minimum: 0,
      maximum: 1000,
      whole: true,
    }),
    readyFile: text("FILE", "write the address there, as JSON, when the platform listens"),
    temporary: toggle("keep the data in a temporary folder that goes with the platform"),
    untilInputEnds: toggle(
      "stop when stdin ends, too: for programs that start a platform, which never outlives them",
    ),
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
  run: async ({ data, temporary, readyFile, ...input }, context) => {
    const { workingDirectory } = context;
    if (temporary && data !== undefined)
      throw new FrugalError("invalid-request", "Give one of --data and --temporary");
    const { serve } = await import("../../up/serve.ts");
    const { runDaemon } = await import("@frugal/daemon");
    const dataDirectory = temporary ? await mkdtemp(join(tmpdir(), "frugal-")) : usualFolder(data, context);
    const daemon = {
      host: input.host,
      port: input.port,
      dataDirectory,
      auth: input.auth ? undefined : false,
      capacity: {
        cores: input.cores,
        memoryBytes: inBytes(input.memory),
      },
      keepAlive: { policy: input.keepAlive, options: policyOptions(input.keepAliveOption) },
      startPolicy: input.startPolicy,
      pace: {
        policy: input.pace,
        clocks: input.clocks,
        model: input.paceModel === undefined ? undefined : resolve(workingDirectory, input.paceModel),
      },
      snapshots: {
        sizeBytes: inBytes(input.snapshotSize),
        reserve: input.reserve,
        hotBytes: inBytes(input.snapshotMemory),
      },
    } as const;
    const ready = readyFile === undefined ? undefined : resolve(workingDirectory, readyFile);
    try {
      const options = { daemon, readyFile: ready, endsWithInput: input.untilInputEnds };
      return { kind: "streamed", exitCode: await serve(options, runDaemon, context) };
    } finally {
      if (temporary) await rm(dataDirectory, { recursive: true, force: true });
    }
  },
});

const inBytes = (amountInMebibytes: number | undefined): number | undefined =>
  amountInMebibytes === undefined ? undefined : mebibytes(amountInMebibytes);

/** Which names there are, the policy knows. */
function policyOptions(given: readonly string[]): Readonly<Record<string, number>> | undefined {
  const options = given.map((one) => {
    const [, name = "", number = ""] = /^(\w+)=(.+)$/.exec(one) ?? [];
    if (name !== "" && Number.isFinite(Number(number))) return [name, Number(number)] as const;
    throw new FrugalError(
      "invalid-request",
      `--keep-alive-option: ${JSON.stringify(one)} is not of the form NAME=NUMBER, as in keepForSeconds=60`,
    );
  });
  return options.length === 0 ? undefined : Object.fromEntries(options);
}

const usualFolder = (data: string | undefined, { environment, workingDirectory }: CommandContext): string =>
  dataDirectoryOf({ data, environment, workingDirectory, isRoot: isRoot() });
