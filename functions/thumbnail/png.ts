/**
 * PNG (RFC 2083) for what the thumbnail's description needs: writes and reads RGB with 8 bits a channel, not interlaced. It
 * shares no code with the library that it judges.
 */
import { crc32, deflateSync, inflateSync } from "node:zlib";
import type { Image } from "./image.ts";

const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
const rgb = 2;
const channels = 3;
const up = 2;

export function writePng({ width, height, pixels }: Image): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, rgb], 8);
  const stride = width * channels;
  const rows = Buffer.alloc(height * (stride + 1));
  for (let y = 0; y < height; y++) {
    const row = y * (stride + 1);
    rows[row] = up;
    for (let i = 0; i < stride; i++) {
      const above = y === 0 ? 0 : (pixels[(y - 1) * stride + i] ?? 0);
      rows[row + 1 + i] = (pixels[y * stride + i] ?? 0) - above;
    }
  }
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** The image, or what is wrong with the file. */
export function readPng(file: Buffer): Image | string {
  if (!file.subarray(0, signature.length).equals(signature)) return "it is no PNG";
  let header: Buffer | undefined;
  const compressed: Buffer[] = [];
  for (let at = signature.length; at + 12 <= file.length;) {
    const end = at + 12 + file.readUInt32BE(at);
    if (end > file.length || crc32(file.subarray(at + 4, end - 4)) !== file.readUInt32BE(end - 4)) {
      return "a chunk is damaged";
    }
    const type = file.toString("latin1", at + 4, at + 8);
    const data = file.subarray(at + 8, end - 4);
    if (type === "IHDR") header = data;
    else if (type === "IDAT") compressed.push(data);
    else if (type === "IEND") return imageOf(header, Buffer.concat(compressed));
    at = end;
  }
  return "it ends early";
}

function imageOf(header: Buffer | undefined, compressed: Buffer): Image | string {
  if (header?.length !== 13) return "it has no header";
  if (header[8] !== 8 || header[9] !== rgb || header[12] !== 0) return "it is not plain 8-bit RGB";
  const width = header.readUInt32BE(0);
  const height = header.readUInt32BE(4);
  let rows: Buffer;
  try {
    rows = inflateSync(compressed);
  } catch {
    return "it cannot be decompressed";
  }
  const stride = width * channels;
  if (rows.length !== height * (stride + 1)) return "its rows do not fit its size";
  const pixels = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    const row = y * (stride + 1);
    unfilter(pixels, y * stride, stride, rows.subarray(row, row + stride + 1));
  }
  return { width, height, pixels };
}

/** Writes the row at `start` of `pixels` from its filtered form, whose first byte names the filter. */
function unfilter(pixels: Uint8Array, start: number, stride: number, [filter = 0, ...row]: Buffer): void {
  for (let i = 0; i < stride; i++) {
    const left = i < channels ? 0 : (pixels[start + i - channels] ?? 0);
    const above = pixels[start + i - stride] ?? 0;
    const corner = i < channels ? 0 : (pixels[start + i - stride - channels] ?? 0);
    pixels[start + i] = (row[i] ?? 0) + prediction(filter, left, above, corner);
  }
}

function prediction(filter: number, left: number, above: number, corner: number): number {
  if (filter < 2) return filter * left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  const [toLeft, toAbove, toCorner] = [left, above, corner].map((value) =>
    Math.abs(left + above - corner - value),
  );
  if (toLeft === undefined || toAbove === undefined || toCorner === undefined) return 0;
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

function chunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, checksum]);
}
