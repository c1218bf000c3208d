import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** As criu's flags: 1 parent, 2 lazy, 4 present. */
export interface FakeEntry {
  readonly address: number;
  readonly pages: number;
  readonly flags: number;
}

export interface FakeArea {
  readonly start: number;
  readonly end: number;
  readonly isLazy: boolean;
}

export interface FakeProcess {
  readonly pid: number;
  readonly pagesId: number;
  readonly areas: readonly FakeArea[];
  readonly entries: readonly FakeEntry[];
}

export const PAGE = 4096;
const PRESENT = 4;
/** mmap(2): private and anonymous, or private of a file. */
const lazyFlags = 0x22;
const otherFlags = 0x02;
const magic = { pagemap: 0x56084025, mm: 0x57492820, pstree: 0x50273030, files: 0x56303138 };

/** What page `index` of a pages file has: its place, over and over. */
export const fakePage = (pagesId: number, index: number): Buffer =>
  Buffer.alloc(PAGE, `${pagesId}/${index};`.padStart(16, "."));

/** Writes what criu would have for `processes` to `folder`. */
export function writeFakeImage(folder: string, processes: readonly FakeProcess[]): void {
  mkdirSync(folder, { recursive: true });
  const tree = processes.map(({ pid }) => message({ 1: pid, 2: 0, 5: pid }));
  writeFileSync(join(folder, "pstree.img"), image(magic.pstree, tree));
  writeFileSync(join(folder, "files.img"), image(magic.files, []));
  for (const { pid, pagesId, areas, entries } of processes) {
    const mapped = entries.map(({ address, pages, flags }) => message({ 1: address, 2: pages, 4: flags }));
    writeFileSync(
      join(folder, `pagemap-${pid}.img`),
      image(magic.pagemap, [message({ 1: pagesId }), ...mapped]),
    );
    const memory = Buffer.concat(areas.map((area) => embedded(14, areaMessage(area))));
    writeFileSync(join(folder, `mm-${pid}.img`), image(magic.mm, [memory]));
    const count = entries.reduce((sum, { pages, flags }) => sum + ((flags & PRESENT) === 0 ? 0 : pages), 0);
    const pages = Array.from({ length: count }, (_, i) => fakePage(pagesId, i));
    writeFileSync(join(folder, `pages-${pagesId}.img`), Buffer.concat(pages));
  }
}

const areaMessage = ({ start, end, isLazy }: FakeArea): Buffer =>
  message({ 1: start, 2: end, 5: 3, 6: isLazy ? lazyFlags : otherFlags, 7: 1, 8: 1 });

export function image(kind: number, messages: readonly Buffer[]): Buffer {
  const parts = messages.flatMap((content) => [word(content.length), content]);
  return Buffer.concat([word(0x54564319), word(kind), ...parts]);
}

/** Integer fields by number. */
export const message = (fields: Readonly<Record<number, number>>): Buffer =>
  Buffer.concat(
    Object.entries(fields).flatMap(([number, value]) => [varint(Number(number) * 8), varint(value)]),
  );

export const embedded = (number: number, content: Buffer): Buffer =>
  Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Buffer.from([...bytes, rest]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
