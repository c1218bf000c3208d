/**
 * Reads a zip archive, strictly: by its central directory, with each entry's checksum verified. It shares no code with the
 * writers that it judges.
 */
import { crc32, inflateRawSync } from "node:zlib";

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_LENGTH = 22;

/** The entries by name, or what is wrong with the archive. */
export function zipEntries(archive: Buffer): ReadonlyMap<string, Buffer> | string {
  const end = archive.length - END_LENGTH;
  if (end < 0 || archive.readUInt32LE(end) !== END) return "it has no end record";
  const entries = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > end || archive.readUInt32LE(at) !== ENTRY) return "its directory is broken";
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString("utf8", at + 46, at + 46 + nameLength);
    const content = contentOf(archive, at);
    if (typeof content === "string") return `${name} ${content}`;
    entries.set(name, content);
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}

/** The content of the entry whose directory record starts at `record`, or what is wrong with it. */
function contentOf(archive: Buffer, record: number): Buffer | string {
  const method = archive.readUInt16LE(record + 10);
  const checksum = archive.readUInt32LE(record + 16);
  const compressed = archive.readUInt32LE(record + 20);
  const local = archive.readUInt32LE(record + 42);
  if (local + 30 > archive.length || archive.readUInt32LE(local) !== LOCAL) return "has no local record";
  if (method !== 8) return `is stored with method ${method}, expected 8 (deflated)`;
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  try {
    const content = inflateRawSync(archive.subarray(start, start + compressed));
    return crc32(content) === checksum ? content : "does not match its checksum";
  } catch {
    return "cannot be decompressed";
  }
}
