/**
 * Compression: log files into a zip archive.
 *
 * Deflate streams differ between fflate and zlib, so the check takes any archive that decompresses to the right files and is
 * clearly smaller than they are.
 */
import type { BenchmarkFunction } from "../benchmark-function.ts";
import { firstDifference, objectOf } from "../first-difference.ts";
import { numberStream, type NumberStream } from "../number-stream.ts";
import { zipEntries } from "./zip-entries.ts";

interface CompressionPayload {
  readonly files: number;
  readonly bytesPerFile: number;
  readonly seed: number;
}

const bytesPerFile = { test: 24_000, small: 250_000, large: 3_600_000 } as const;

export const compression: BenchmarkFunction = {
  name: "compression",
  summary: "Writes three log files and compresses them into one zip archive",
  origins: [
    { paper: "kypous", suite: "SeBS", name: "compression" },
    { paper: "energy-aware-scheduling", suite: "SeBS", name: "Zip" },
    { paper: "arm64-prediction", suite: "original", name: "compression" },
  ],
  runtimes: {
    nodejs: { handler: "handler.handler", folder: "compression" },
    python3: { handler: "handler.handler", folder: "compression/python" },
  },
  memoryMebibytes: 512,
  timeoutSeconds: 60,
  payload: (size): CompressionPayload => ({ files: 3, bytesPerFile: bytesPerFile[size], seed: 7 }),
  check(_size, payload: CompressionPayload, output) {
    const answer = objectOf(output);
    const text = answer?.["archive"];
    if (typeof text !== "string") return "output.archive is missing";
    const archive = Buffer.from(text, "base64");
    const originalBytes = payload.files * payload.bytesPerFile;
    const difference = firstDifference(
      {
        files: payload.files,
        originalBytes,
        archiveBytes: archive.length,
        archive: archive.toString("base64"),
      },
      output,
    );
    if (difference !== undefined) return difference;
    if (archive.length > originalBytes / 2)
      return `output.archive is not compressed: ${archive.length} bytes`;
    const entries = zipEntries(archive);
    if (typeof entries === "string") return `output.archive cannot be read: ${entries}`;
    return wrongFile(payload, entries);
  },
};

function wrongFile(
  { files, bytesPerFile, seed }: CompressionPayload,
  entries: ReadonlyMap<string, Buffer>,
): string | undefined {
  if (entries.size !== files) return `output.archive has ${entries.size} files, expected ${files}`;
  const stream = numberStream(seed);
  for (let file = 0; file < files; file++) {
    const name = `log-${file}.txt`;
    const content = logText(stream, bytesPerFile);
    if (entries.get(name)?.toString("latin1") !== content)
      return `${name} in output.archive is not the input`;
  }
  return undefined;
}

const components = ["router", "store", "auth", "cache", "mailer", "worker", "billing", "search"] as const;
const levels = ["DEBUG", "INFO", "INFO", "INFO", "WARN", "ERROR"] as const;
const poolSize = 256;

function logText({ below }: NumberStream, length: number): string {
  const pool: string[] = [];
  while (pool.length < poolSize) {
    const component = components[below(components.length)];
    const level = levels[below(levels.length)];
    const request = `request=${below(2 ** 20)} status=${200 + below(300)} took=${below(5000)}us`;
    pool.push(`${level} ${component} ${request} path=/v1/${component}/${below(1000)}\n`);
  }
  const lines: string[] = [];
  for (let written = 0; written < length;) {
    const line = `${lines.length} ${pool[below(poolSize)]}`;
    lines.push(line);
    written += line.length;
  }
  return lines.join("").slice(0, length);
}
