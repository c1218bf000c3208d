import { bytes } from "@frugal/core";
import { connectionFlags, withClient } from "../../client/connection.ts";
import type { BuildView } from "../../client/snapshot-schemas.ts";
import { command } from "../../command.ts";
import { required, text, toggle } from "../../flags.ts";
import { formatBytes } from "../../terminal/format.ts";
import { showWaiting } from "../../terminal/waiting.ts";

export const buildSnapshot = command({
  name: "build",
  summary: "make a snapshot of a function now",
  description:
    "An instance boots in the background, executes the function's warm-up and is snapshotted; it serves no invocation. Without --wait the command ends as soon as that is under way.",
  flags: {
    wait: toggle("wait until the snapshot is there, or until it is known why not"),
    ...connectionFlags,
  },
  arguments: { name: required(text("NAME", "the function")) },
  examples: [
    { line: "frugal snapshot build resize", meaning: "begins" },
    { line: "frugal snapshot build resize --wait", meaning: "and says what became of it" },
  ],
  run: ({ name, wait, ...input }, context) =>
    withClient(input, context, async (client) => {
      const title = `booting, warming up and snapshotting ${name}`;
      const stopShowing = wait ? showWaiting(context.terminal, title) : undefined;
      try {
        const build = await client.buildSnapshot(name, wait);
        return { kind: "answer", document: build, text: `${build.message}${sizeOf(build)}\n` };
      } finally {
        stopShowing?.();
      }
    }),
});

const sizeOf = ({ snapshot }: BuildView): string =>
  snapshot === undefined ? "" : `  ${snapshot.pages} pages, ${formatBytes(bytes(snapshot.sizeBytes))}`;
