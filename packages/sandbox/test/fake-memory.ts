import fc from "fast-check";
import { type FakeArea, type FakeEntry, type FakeProcess, PAGE } from "./fake-image.ts";

const BASE = 0x7f00_0000_0000;

/** Memory of a process of up to 8 areas, and a pagemap that criu could have written for it. */
const memory = fc.array(
  fc.record({
    gap: fc.integer({ min: 0, max: 2 }),
    isLazy: fc.boolean(),
    /** One a page: no data, lazy without data, eager, lazy with data. */
    pages: fc.array(fc.constantFrom(0, 2, 4, 6), { minLength: 1, maxLength: 8 }),
  }),
  { maxLength: 8 },
);

type Memory = typeof memory extends fc.Arbitrary<infer T> ? T : never;

function processOf(pid: number, parts: Memory): FakeProcess {
  const areas: FakeArea[] = [];
  const entries: FakeEntry[] = [];
  let address = BASE;
  for (const { gap, isLazy, pages } of parts) {
    const start = address + gap * PAGE;
    address = start + pages.length * PAGE;
    areas.push({ start, end: address, isLazy });
    pages.forEach((kind, i) => {
      // Only pages of lazy areas are lazy.
      const flags = isLazy ? kind : kind & 4;
      const here = start + i * PAGE;
      const last = entries.at(-1);
      if (flags === 0) return;
      if (last?.flags === flags && last.address + last.pages * PAGE === here) {
        entries[entries.length - 1] = { ...last, pages: last.pages + 1 };
      } else entries.push({ address: here, pages: 1, flags });
    });
  }
  return { pid, pagesId: pid % 7, areas, entries };
}

/** Processes 100 and 103. */
export const fakeProcesses = fc
  .tuple(memory, memory)
  .map(([one, two]): readonly FakeProcess[] => [processOf(100, one), processOf(103, two)]);

/** Where each lazy page with data is: `<pid>:<page number>` to `<pages id>/<index>`. */
export function placesOf(processes: readonly FakeProcess[]): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  for (const { pid, pagesId, entries } of processes) {
    let index = 0;
    for (const { address, pages, flags } of entries) {
      if ((flags & 4) === 0) continue;
      for (let i = 0; i < pages; i++, index++) {
        if (flags === 6) places.set(`${pid}:${address / PAGE + i}`, `${pagesId}/${index}`);
      }
    }
  }
  return places;
}
