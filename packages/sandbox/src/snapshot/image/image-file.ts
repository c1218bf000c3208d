/**
 * Reads criu's image files: two magic numbers, then messages, each after its length.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FrugalError, messageOf } from "@frugal/core";

/** In front of every image of one process or of a group of them. */
const COMMON_MAGIC = 0x54564319;
/** Second magic number, by the kind of image. */
const magicOf = {
  pagemap: 0x56084025,
  mm: 0x57492820,
  pstree: 0x50273030,
  files: 0x56303138,
  "tcp-stream": 0x51465506,
} as const;
/** Of these, bytes that are no messages follow the first. */
const hasData = (kind: ImageKind): boolean => kind === "tcp-stream";

export type ImageKind = keyof typeof magicOf;

interface ImageName {
  readonly folder: string;
  readonly kind: ImageKind;
  /** Of the process or socket, where each has its own. */
  readonly id?: number | string;
}

/** What `parse` makes of the messages of an image. */
export async function readImage<T>(
  { folder, kind, id }: ImageName,
  parse: (messages: readonly Buffer[]) => T,
): Promise<T> {
  const path = join(folder, id === undefined ? `${kind}.img` : `${kind}-${id}.img`);
  try {
    return parse(messagesOf(await readFile(path), kind));
  } catch (error) {
    throw new FrugalError(
      "storage-failed",
      `The snapshot image ${path} cannot be read: ${messageOf(error)}. Remove the snapshot; it is made anew at the next start.`,
      { cause: error, details: { path } },
    );
  }
}

function messagesOf(image: Buffer, kind: ImageKind): readonly Buffer[] {
  if (image.length < 8 || image.readUInt32LE(0) !== COMMON_MAGIC || image.readUInt32LE(4) !== magicOf[kind]) {
    throw new RangeError(`it is not a ${kind} image`);
  }
  const messages: Buffer[] = [];
  let position = 8;
  while (position < image.length) {
    const start = position + 4;
    if (start > image.length) throw new RangeError(`it ends at byte ${image.length}, inside a length`);
    const end = start + image.readUInt32LE(position);
    if (end > image.length) throw new RangeError(`it ends at byte ${image.length}, inside a message`);
    messages.push(image.subarray(start, end));
    position = end;
    if (hasData(kind)) break;
  }
  return messages;
}

/** The file of an image that has nothing but `messages`. */
export function encodeImage(kind: ImageKind, messages: readonly Buffer[]): Buffer {
  const parts = messages.flatMap((message) => [word(message.length), message]);
  return Buffer.concat([word(COMMON_MAGIC), word(magicOf[kind]), ...parts]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
