import fc from "fast-check";
import { unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { zipArchive } from "./zip-archive.ts";

const path = fc
  .array(fc.stringMatching(/^[a-zé✓ _.-]{1,12}$/u), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.map((part) => `f${part}`).join("/"));
const content = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.integer({ min: 0, max: 5000 }).map((length) => new Uint8Array(length).fill(65)),
);

describe("zipArchive", () => {
  it("is read back, by a reader that is not ours, as what went in", async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(path, content, { maxKeys: 20 }), async (files) => {
        const entries = Object.entries(files).map(([name, bytes]) => ({
          path: name,
          content: bytes,
          mode: 0o100644,
        }));
        const zip = await zipArchive(entries);
        expect(Object.entries(unzipSync(zip)).map(([name, bytes]) => [name, [...bytes]])).toEqual(
          Object.entries(files).map(([name, bytes]) => [name, [...bytes]]),
        );
        expect(await zipArchive(entries)).toEqual(zip);
      }),
      { numRuns: 50 },
    );
  });
});
