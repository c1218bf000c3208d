/**
 * The memory areas (VMAs) of a process in an image: `mm-<pid>.img` (criu's images/mm.proto and vma.proto).
 */
import { readImage } from "./image-file.ts";
import { fieldsOf, integersOf } from "./protobuf.ts";

export interface MemoryArea {
  readonly start: number;
  /** First address behind it. */
  readonly end: number;
  /** Whether criu restores its pages on demand: private, anonymous, not locked, not of the kernel. */
  readonly isLazy: boolean;
}

const AREAS = 14;
const area = { start: 1, end: 2, flags: 6, status: 7 } as const;

/** Of mmap(2). */
const map = { private: 0x02, anonymous: 0x20, locked: 0x2000, hugePages: 0x40000 } as const;
/** Of criu/include/image.h: the kernel's own areas. */
const status = { vsyscall: 1 << 2, vdso: 1 << 3, vvar: 1 << 12 } as const;
const kernelStatus = status.vsyscall | status.vdso | status.vvar;

/** In order of addresses. */
export const readMemoryAreas = (folder: string, pid: number): Promise<readonly MemoryArea[]> =>
  readImage({ folder, kind: "mm", id: pid }, areasOf);

function areasOf([message]: readonly Buffer[]): readonly MemoryArea[] {
  if (message === undefined) throw new RangeError("it is empty");
  const areas: MemoryArea[] = [];
  for (const field of fieldsOf(message)) {
    if (field.number === AREAS && field.kind === "bytes") areas.push(areaOf(field.value));
  }
  return areas.sort((a, b) => a.start - b.start);
}

function areaOf(message: Buffer): MemoryArea {
  const fields = integersOf(message);
  const start = fields.get(area.start) ?? 0;
  const end = fields.get(area.end) ?? 0;
  if (end <= start) throw new RangeError(`it has a memory area from ${start} to ${end}`);
  const flags = fields.get(area.flags) ?? 0;
  const isPrivate = (flags & map.private) !== 0 && (flags & map.anonymous) !== 0;
  const isSpecial =
    (flags & (map.locked | map.hugePages)) !== 0 || ((fields.get(area.status) ?? 0) & kernelStatus) !== 0;
  return { start, end, isLazy: isPrivate && !isSpecial };
}
