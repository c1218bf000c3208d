/**
 * What seven hostile functions do to a well-behaved one that runs beside them.
 *
 * A fork bomb, an infinite loop, a 2 GB allocation, 100,000 files, 1 GB of output, a handler that never returns and one that
 * exits are invoked again and again, while a small function is called in a closed loop by one client. Its latency is
 * compared with its latency alone, in the same run. All share the machine's cores with the platform and the client.
 */
import { packFolder, PlatformClient, startPlatformProcess, Transport } from "@frugal/cli";
import { hostileFunctions, wellBehavedFolder } from "../test/fixtures/hostile/hostile-functions.ts";
import type { Bench } from "./bench.ts";
import { closedLoop, type LoadResult, type LoadTarget } from "./load/closed-loop.ts";

const limits = { memoryMiB: 256, timeoutSeconds: 3, cores: 1, maxInstances: 1, maxQueue: 1 };
const PAYLOAD = JSON.stringify({ text: "frugal" });

export const bench: Bench = {
  question: "what do seven hostile functions do to a well-behaved one beside them?",
  async run({ seconds, rounds, note }) {
    const platform = await startPlatformProcess();
    const transport = new Transport({ url: platform.url, apiKey: undefined, connections: 16 });
    const client = new PlatformClient(transport);
    const outcomes = new Map<string, Map<string, number>>();
    try {
      await deployAll(client);
      const expected = (await client.invoke("well-behaved", Buffer.from(PAYLOAD), false)).output;
      const url = `${platform.url}/2015-03-31/functions/well-behaved/invocations`;
      const target: LoadTarget = { url, method: "POST", body: PAYLOAD, expected };
      const length = Math.max(seconds * rounds, 10);
      note(`alone, for ${length} s`);
      const alone = await closedLoop(target, 1, length);
      note(`beside seven hostile functions, for ${length} s`);
      const stop = new AbortController();
      const attacks = hostileFunctions.map(({ name }) =>
        attack(client, name, { outcomes, signal: stop.signal }),
      );
      const beside = await closedLoop(target, 1, length);
      stop.abort();
      await Promise.all(attacks);
      const after = await closedLoop(target, 1, 2);
      return answerOf({ alone, beside, after }, outcomes);
    } finally {
      await transport.close();
      await platform.close();
    }
  },
};

async function deployAll(client: PlatformClient): Promise<void> {
  const all = [{ name: "well-behaved", folder: wellBehavedFolder }, ...hostileFunctions];
  for (const { name, folder } of all) {
    const { zip } = await packFolder(folder, {});
    await client.deploy(name, { ...limits, runtime: "nodejs", handler: "index.handler" }, zip);
  }
}

interface Attack {
  readonly outcomes: Map<string, Map<string, number>>;
  readonly signal: AbortSignal;
}

/** Invokes a hostile function again and again; what its caller was told is counted. */
async function attack(client: PlatformClient, name: string, { outcomes, signal }: Attack): Promise<void> {
  const own = new Map<string, number>();
  outcomes.set(name, own);
  while (!signal.aborted) {
    const { view } = await client.invoke(name, Buffer.from("{}"), false);
    const told = view.error?.errorType ?? "success";
    own.set(told, (own.get(told) ?? 0) + 1);
  }
}

interface Latencies {
  readonly alone: LoadResult;
  readonly beside: LoadResult;
  readonly after: LoadResult;
}

function answerOf(latencies: Latencies, outcomes: ReadonlyMap<string, ReadonlyMap<string, number>>) {
  const told = Object.fromEntries([...outcomes].map(([name, own]) => [name, Object.fromEntries(own)]));
  const { alone, beside } = latencies;
  const line = (title: string, { p50Ms, p99Ms, requests }: LoadResult): string =>
    `${title.padEnd(10)} p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms, ${requests} requests\n`;
  const text = [
    line("alone", alone),
    line("beside", beside),
    line("after", latencies.after),
    ...Object.entries(told).map(([name, own]) => `${name}: ${JSON.stringify(own)}\n`),
  ].join("");
  return { document: { ...latencies, p99Ratio: beside.p99Ms / alone.p99Ms, told }, text };
}
