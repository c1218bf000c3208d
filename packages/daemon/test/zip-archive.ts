/**
 * Zip files for tests: honest ones, and ones that lie.
 */
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipItem {
  readonly name: string;
  readonly content?: string | Buffer;
  /** Unix mode with its type; 0o100644 unless said. */
  readonly mode?: number;
  readonly isStored?: boolean;
  /** Lies about the content. */
  readonly declaredSize?: number;
  readonly crc?: number;
  readonly method?: number;
  readonly flags?: number;
  /** Where the table of contents says that the entry lies; else where it does. */
  readonly offset?: number;
}

/** A zip file of `items` as they are, written by hand. */
export function zipArchive(items: readonly ZipItem[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const item of items) {
    const content = Buffer.from(item.content ?? "");
    const data = item.isStored === true ? content : deflateRawSync(content);
    const name = Buffer.from(item.name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE((item.flags ?? 0) | 0x800, 2);
    fields.writeUInt16LE(item.method ?? (item.isStored === true ? 0 : 8), 4);
    fields.writeUInt32LE(item.crc ?? crc32(content), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(item.declaredSize ?? content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    parts.push(Buffer.from("PK\x03\x04", "latin1"), fields, name, data);
    const entry = Buffer.alloc(14);
    entry.writeUInt32LE((((item.mode ?? 0o100644) << 16) >>> 0) >>> 0, 6);
    entry.writeUInt32LE(item.offset ?? offset, 10);
    // Version made by: 3 is Unix.
    directory.push(Buffer.from("PK\x01\x02\x14\x03", "latin1"), fields, entry, name);
    offset += 30 + name.length + data.length;
  }
  const table = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(items.length, 8);
  end.writeUInt16LE(items.length, 10);
  end.writeUInt32LE(table.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, table, end]);
}

/** The smallest package: one handler. */
export const handlerZip = (text = "export const handler = async (event) => event;"): Buffer =>
  zipArchive([{ name: "index.mjs", content: text }]);
