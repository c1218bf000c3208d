/**
 * Clones of one snapshot, many of them, on the whole platform: what each draws, is called and writes is its own (I4).
 */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cannotRunCriu } from "../../packages/sandbox/test/needs.ts";
import { type Files, SnapshotPlatform } from "./snapshot-platform.ts";

/** What a clone says. */
interface Answer {
  /** Drawn before the snapshot: the template's, and so that of every clone. */
  readonly kept: string;
  /** Invocations since the template was booted. */
  readonly invocations: number;
  /** Each by what it is; no two clones may have the same. */
  readonly drawn: Readonly<Record<string, string>>;
  /** Names in the folder for temporary files, before the invocation wrote its own. */
  readonly found: readonly string[];
}

const node: Files = {
  "index.mjs": `
    import * as crypto from "node:crypto";
    import { readFileSync, readdirSync, writeFileSync } from "node:fs";
    import { createServer } from "node:net";
    import os from "node:os";
    import { duplexPair } from "node:stream";
    import tls from "node:tls";
    import { promisify } from "node:util";
    import { randomUUID } from "node:crypto";

    const kept = randomUUID();
    // Node fills the caches of these as it is asked for the first one.
    const before = [randomUUID(), crypto.randomInt(10), Math.random(), crypto.randomBytes(8), globalThis.crypto.randomUUID()];
    const server = tls.createServer({}).listen("/tmp/tls.sock");
    writeFileSync("/tmp/template", kept);
    let invocations = 0;

    const hex = (bytes) => Buffer.from(bytes).toString("hex");
    const asynchronously = promisify(crypto.randomBytes);

    /** The client's random bytes and its session id, off the first message of a TLS connection. */
    async function hello() {
      const [client, wire] = duplexPair();
      const socket = tls.connect({ socket: client }).on("error", () => undefined);
      const message = await new Promise((resolve) => wire.once("data", resolve));
      socket.destroy();
      return { random: hex(message.subarray(11, 43)), session: hex(message.subarray(44, 76)) };
    }

    export const handler = async (_event, context) => {
      invocations++;
      const found = readdirSync("/tmp").sort();
      const content = hex(crypto.randomBytes(16));
      const own = "/tmp/own-" + invocations;
      writeFileSync(own, content, { flag: "wx" });
      const { random, session } = await hello();
      const threads = await Promise.all(Array.from({ length: 8 }, () => asynchronously(8)));
      return {
        kept, invocations, found,
        drawn: {
          ...Object.fromEntries(threads.map((bytes, i) => ["randomBytes on thread " + i, hex(bytes)])),
          randomBytes: hex(crypto.randomBytes(8)),
          randomUUID: randomUUID(),
          randomInt: String(crypto.randomInt(2 ** 48 - 1)),
          "randomInt, asynchronously": String(await promisify(crypto.randomInt)(2 ** 48 - 1)),
          "Math.random": String(Math.random()),
          "Math.random, once more": String(Math.random()),
          "web randomUUID": globalThis.crypto.randomUUID(),
          "web getRandomValues": hex(globalThis.crypto.getRandomValues(new Uint8Array(8))),
          "web key": hex(await crypto.subtle.exportKey("raw", await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, true, ["sign"]))),
          "key pair": crypto.generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }).x,
          "TLS random": random,
          "TLS session": session,
          "TLS ticket keys": hex(server.getTicketKeys()),
          "TLS ticket keys of a new server": hex(tls.createServer({}).getTicketKeys()),
          hostname: os.hostname(),
          "log stream": context.logStreamName,
          "log stream in the environment": process.env.AWS_LAMBDA_LOG_STREAM_NAME,
          "temporary file": readFileSync(own, "utf8"),
        },
      };
    };`,
};

const python: Files = {
  "index.py": `
import json, os, random, secrets, socket, ssl, tempfile, threading, uuid
import numpy.random

kept = str(uuid.uuid4())
before = [random.random(), uuid.uuid1(), numpy.random.random(), ssl.RAND_bytes(8), tempfile.mktemp()]
with open("/tmp/template", "w") as file:
    file.write(kept)
invocations = 0

def handler(event, context):
    global invocations
    invocations += 1
    found = sorted(os.listdir("/tmp"))
    own = f"/tmp/own-{invocations}"
    with open(own, "x") as file:
        file.write(secrets.token_hex(16))
    drawn = {}
    def draw():
        drawn["ssl on another thread"] = ssl.RAND_bytes(8).hex()
    thread = threading.Thread(target=draw)
    thread.start()
    thread.join()
    node = uuid.uuid1()
    drawn.update({
        "random": repr(random.random()),
        "random bits": str(random.getrandbits(64)),
        "secrets": secrets.token_hex(8),
        "urandom": os.urandom(8).hex(),
        "uuid1": str(node),
        "uuid1's node": str(node.node),
        "uuid4": str(uuid.uuid4()),
        "numpy.random": repr(numpy.random.random()),
        "numpy's new generator": repr(numpy.random.default_rng().random()),
        "ssl": ssl.RAND_bytes(8).hex(),
        "name of a temporary file": tempfile.mktemp(),
        "hostname": socket.gethostname(),
        "log stream": context.log_stream_name,
        "log stream in the environment": os.environ["AWS_LAMBDA_LOG_STREAM_NAME"],
        "temporary file": open(own).read(),
    })
    return {"kept": kept, "invocations": invocations, "found": found, "drawn": drawn}
`,
};

const isCi = process.env["CI"] !== undefined;
const functions = {
  nodejs: { files: node, clones: 200, sockets: ["tls.sock"] },
  python3: { files: python, clones: 120, sockets: [] },
};
/** All ways to restore an instance; most of them as the platform does it where nothing is wished. */
const ways = ["pooled", "pooled", "pooled", "prefetch", "eager", "lazy"] as const;
const AT_A_TIME = 4;
const WARM_UP = 2;

function hasNumpy(): boolean {
  try {
    execFileSync("/usr/bin/python3", ["-c", "import numpy"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(cannotRunCriu)("clones of one snapshot (I4)", () => {
  let platform: SnapshotPlatform;

  beforeAll(async () => {
    platform = await SnapshotPlatform.open();
  });
  afterAll(() => platform.close());

  it.for(["nodejs", "python3"] as const)(
    "of %s share what the template drew, and nothing else",
    async (name, { skip }) => {
      skip(name === "python3" && !isCi && !hasNumpy(), "NumPy is not installed (Debian: python3-numpy)");
      const { files, clones, sockets } = functions[name];
      const settings = { memoryMiB: 256, maxInstances: 16, warmUp: { count: WARM_UP } };
      await platform.deploy(name, files, settings);
      const booted = await answerOf(name, "boot");
      await platform.snapshot(name);

      const answers = await inTurns(clones, (i) => answerOf(name, ways[i % ways.length]));
      expect(new Set(answers.map(({ kept }) => kept)).size).toBe(1);
      expect(answers[0]?.kept).not.toBe(booted.kept);
      expect(new Set(answers.map(({ invocations }) => invocations))).toEqual(new Set([WARM_UP + 1]));
      expect(repeated([booted, ...answers])).toEqual([]);
      // A clone finds what the template wrote, and nothing of another clone.
      const found = ["own-1", "own-2", "template", ...sockets];
      expect(answers.filter((answer) => answer.found.join() !== found.join())).toEqual([]);
    },
  );

  async function answerOf(name: string, way: string | undefined): Promise<Answer> {
    const { result, startKind } = await platform.invoke(name, {}, way);
    expect({ startKind, result }).toMatchObject({
      startKind: way === "pooled" ? "prefetch" : way,
      result: { drawn: {} },
    });
    return result as Answer;
  }
});

/** What one instance drew that another one has drawn, too, as whatever. */
function repeated(answers: readonly Answer[]): readonly string[] {
  const drawers = new Map<string, { readonly what: string; readonly instance: number }>();
  return answers.flatMap(({ drawn }, instance) =>
    Object.entries(drawn).flatMap(([what, value]) => {
      const other = drawers.get(value);
      drawers.set(value, { what, instance });
      return other === undefined || other.instance === instance
        ? []
        : [`${what} is ${other.what} of another: ${value}`];
    }),
  );
}

/** `AT_A_TIME` at a time. */
async function inTurns<T>(count: number, action: (index: number) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) results.push(await action(next++));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return results;
}
