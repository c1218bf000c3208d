/**
 * What a warm invocation costs through the whole platform: HTTP in, an isolated Node.js instance, HTTP out.
 *
 * Beside it, in the same run and interleaved: a bare two-process node:http proxy hop (what any gateway in front of a
 * function process costs at least), Google's Functions Framework (the function inside the server's process, no isolation)
 * and miniflare with workerd (V8 isolates). All echo the same JSON document; every answer is checked. One client drives
 * them in a closed loop over 64 connections and over one; client, platform and function share the machine's cores.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packFolder, PlatformClient, startPlatformProcess, Transport } from "@frugal/cli";
import { type Bench, type BenchOptions, median } from "./bench.ts";
import { closedLoop, type LoadResult } from "./load/closed-loop.ts";
import { installPeers, type PeerProcess, startPeer } from "./peers/peer-process.ts";

const BODY = JSON.stringify({ message: "a small document", numbers: [1, 2, 3, 4, 5], nested: { yes: true } });
const CONCURRENCY = 64;
const peers = ["frugal", "bareProxy", "functionsFramework", "miniflare"] as const;
type Peer = (typeof peers)[number];

interface Figures {
  readonly rps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface PeerFigures extends Figures {
  /** One request at a time. */
  readonly alone: Figures;
  /** Requests a second in each round, for the spread. */
  readonly rpsRounds: readonly number[];
}

export const bench: Bench = {
  question: "what does a warm invocation cost through the whole platform, beside bare and known servers?",
  async run(options) {
    installPeers(options.note);
    const running: PeerProcess[] = [];
    const platform = await startEcho();
    running.push(platform);
    try {
      const echo = await startPeer("bare-echo.mjs");
      running.push(echo);
      const urls: Record<Peer, string> = {
        frugal: platform.url,
        bareProxy: "",
        functionsFramework: "",
        miniflare: "",
      };
      for (const [peer, script] of [
        ["bareProxy", "bare-proxy.mjs"],
        ["functionsFramework", "functions-framework.mjs"],
        ["miniflare", "miniflare.mjs"],
      ] as const) {
        const started = await startPeer(script, echo.url);
        running.push(started);
        urls[peer] = started.url;
      }
      return answerOf(await measure(urls, options), platform.isolation);
    } finally {
      for (const one of running.reverse()) await one.stop();
    }
  },
};

async function measure(urls: Record<Peer, string>, { seconds, rounds, note }: BenchOptions) {
  const results: Record<Peer, { busy: LoadResult[]; alone: LoadResult[] }> = {
    frugal: { busy: [], alone: [] },
    bareProxy: { busy: [], alone: [] },
    functionsFramework: { busy: [], alone: [] },
    miniflare: { busy: [], alone: [] },
  };
  for (let round = 0; round < rounds; round++) {
    // The order rotates, so that no peer always follows the same one.
    for (let i = 0; i < peers.length; i++) {
      const peer = peers[(i + round) % peers.length] ?? "frugal";
      const target = { url: urls[peer], method: "POST" as const, body: BODY, expected: BODY };
      const busy = await closedLoop(target, CONCURRENCY, seconds);
      const alone = await closedLoop(target, 1, seconds / 2);
      results[peer].busy.push(busy);
      results[peer].alone.push(alone);
      note(
        `round ${round + 1}/${rounds} ${peer}: ${Math.round(busy.rps)} requests/s, p99 ${busy.p99Ms.toFixed(2)} ms; alone p50 ${alone.p50Ms.toFixed(3)} ms`,
      );
    }
  }
  return results;
}

function answerOf(results: Awaited<ReturnType<typeof measure>>, isolation: string) {
  const figuresOf = (peer: Peer): PeerFigures => ({
    ...summary(results[peer].busy),
    alone: summary(results[peer].alone),
    rpsRounds: results[peer].busy.map(({ rps }) => rps),
  });
  const figures: Record<Peer, PeerFigures> = {
    frugal: figuresOf("frugal"),
    bareProxy: figuresOf("bareProxy"),
    functionsFramework: figuresOf("functionsFramework"),
    miniflare: figuresOf("miniflare"),
  };
  const ratioToBareProxy = figures.frugal.rps / figures.bareProxy.rps;
  const addedP50Ms = figures.frugal.alone.p50Ms - figures.functionsFramework.alone.p50Ms;
  const lines = peers.map((peer) => {
    const { rps, p50Ms, p99Ms, alone } = figures[peer];
    const cells = [
      Math.round(rps),
      p50Ms.toFixed(2),
      p99Ms.toFixed(2),
      alone.p50Ms.toFixed(3),
      alone.p99Ms.toFixed(3),
    ];
    return `${peer.padEnd(20)}${cells.map((cell) => String(cell).padStart(14)).join("")}\n`;
  });
  const head = `${"".padEnd(20)}${["requests/s", "p50 ms", "p99 ms", "alone p50 ms", "alone p99 ms"].map((cell) => cell.padStart(14)).join("")}\n`;
  const tail = `Frugal to the bare proxy: ${ratioToBareProxy.toFixed(2)}x requests/s; instances ${isolation}\n`;
  const document = { ...figures, ratioToBareProxy, addedP50Ms, concurrency: CONCURRENCY, isolation };
  return { document, text: head + lines.join("") + tail };
}

const summary = (results: readonly LoadResult[]): Figures => ({
  rps: median(results.map(({ rps }) => rps)),
  p50Ms: median(results.map(({ p50Ms }) => p50Ms)),
  p99Ms: median(results.map(({ p99Ms }) => p99Ms)),
});

/** A platform with one echo function, warm: one instance that takes as many requests at a time as there are connections. */
async function startEcho(): Promise<PeerProcess & { readonly isolation: string }> {
  const platform = await startPlatformProcess();
  const folder = await mkdtemp(join(tmpdir(), "frugal-echo-"));
  const transport = new Transport({ url: platform.url, apiKey: undefined });
  const stop = async (): Promise<void> => {
    await transport.close();
    await platform.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await writeFile(join(folder, "index.mjs"), "export const handler = async (event) => event;\n");
    const { zip } = await packFolder(folder, {});
    const settings = {
      runtime: "nodejs",
      handler: "index.handler",
      concurrency: CONCURRENCY,
      maxInstances: 1,
    };
    await new PlatformClient(transport).deploy("echo", settings, zip);
    const host = (await transport.json({ method: "GET", path: "/v1/host" })) as {
      isolation: { kind: string };
    };
    return {
      url: `${platform.url}/2015-03-31/functions/echo/invocations`,
      stop,
      isolation: host.isolation.kind,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
