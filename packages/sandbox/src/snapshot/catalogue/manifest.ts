/**
 * `manifest.json`: what a snapshot is, and the checksum of each of its files.
 *
 * It carries its own checksum and has one form only, so that no byte of it can change unnoticed.
 */
import { createHash } from "node:crypto";
import { z } from "zod";

export const MANIFEST_NAME = "manifest.json";
const VERSION = 1;

const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const content = z.strictObject({ size: count, sha256 });

const fileSchema = z.strictObject({
  name: z.string().regex(/^[^/]+$/),
  ...content.shape,
  /** While the file is being replaced: what it may still be; null where it may be missing. */
  previous: content.nullable().optional(),
});

/** What was loaded and read before the dump: where it differs, a phase's snapshot does not fit. */
const phaseSchema = z.strictObject({
  files: z.array(z.strictObject({ path: z.string(), sha256 })),
  environment: z.array(z.string()),
  /** Paths without ending at which nothing was. */
  absences: z.array(z.string()),
});

const word = z.int().nonnegative().max(0xffff_ffff);

/** As `UnitConnection` says. */
const connectionSchema = z.strictObject({
  address: z.ipv4(),
  port: word,
  sent: word,
  received: word,
  options: word,
  segmentSize: word,
  sendScale: word,
  receiveScale: word,
  timestamp: word,
  sendWindow: word,
  receiveWindow: word,
  unanswered: z.string(),
});

/** What the maker of a snapshot says about it. */
const descriptionSchema = z.strictObject({
  kind: z.enum(["function", "runtime", "dependencies"]),
  /** Names of the functions that it was made for. */
  functions: z.array(z.string()),
  key: z.record(z.string(), z.string()),
  /** Of the dumped processes, the first one first. */
  pids: z.array(count),
  /** Inodes of the sockets that it had as descriptors 1 to 3; 0 for what was no socket. */
  sockets: z.tuple([count, count, count]),
  /** To the platform; left out where there is none. */
  connections: z.array(connectionSchema).optional(),
  /** criu's names for what is outside of the image. */
  external: z.array(z.string()),
  measured: z.strictObject({
    dumpMilliseconds: z.number().nonnegative(),
    restoreMilliseconds: z.array(z.number().nonnegative()),
  }),
  phase: phaseSchema.optional(),
});

const manifestSchema = z.strictObject({
  version: z.literal(VERSION),
  ...descriptionSchema.shape,
  createdAt: z.iso.datetime(),
  boot: z.strictObject({ id: z.string(), monotonicSeconds: z.number() }),
  files: z.array(fileSchema),
});

export type SnapshotDescription = z.infer<typeof descriptionSchema>;
export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestFile = z.infer<typeof fileSchema>;
export type FileContent = z.infer<typeof content>;

export const newManifest = (parts: Omit<Manifest, "version">): Manifest => ({ version: VERSION, ...parts });

export function encodeManifest(manifest: Manifest): string {
  const body = JSON.stringify(manifest);
  return `{"sha256":"${createHash("sha256").update(body).digest("hex")}","manifest":${body}}\n`;
}

/** What `encodeManifest` made; an Error that says what is wrong with `text` otherwise. */
export function decodeManifest(text: string): Manifest {
  const [, sum, body] = /^\{"sha256":"([0-9a-f]{64})","manifest":(\{.*\})\}\n$/.exec(text) ?? [];
  if (body === undefined || createHash("sha256").update(body).digest("hex") !== sum) {
    throw new Error("its checksum is wrong");
  }
  const parsed = manifestSchema.safeParse(JSON.parse(body));
  if (!parsed.success) throw new Error(`it is of another version: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
