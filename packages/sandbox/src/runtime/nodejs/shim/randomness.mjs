/**
 * Randomness in clones: whatever in this process would draw the same numbers in each of them is given a new state.
 *
 *   OpenSSL       crypto.randomBytes() and all that is built on it, keys, TLS: reseeded by the addon, on every thread
 *   Math.random   V8's state cannot be replaced, so the function is, before any code can take hold of V8's
 *   crypto        randomUUID() and randomInt() draw from caches filled ahead: used up
 *   TLS servers   the keys of their session tickets: replaced
 *
 * Out of reach: the Math.random of contexts of node:vm, and of workers that are older than the snapshot; the hash seeds of
 * V8; copies of OpenSSL within other addons.
 */

/** How many draws empty Node's caches, however full they are: 128 UUIDs, and 1024 numbers of 48 bits. */
const CACHED_UUIDS = 128;
const CACHED_NUMBERS = 1024;
/** How often they are emptied before the dump, so that V8 compiles what does it: 0.3 ms in the clone instead of 7. */
const REHEARSALS = 4;

/** sfc32 (Doty-Humphrey, PractRand): two of its 32-bit outputs make the 53 bits of a number. */
function makeGenerator() {
  let a = 0;
  let b = 0;
  let c = 0;
  let counter = 1;

  function next() {
    const out = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return out;
  }

  return {
    random: () => ((next() >>> 5) * 67_108_864 + (next() >>> 6)) / 9_007_199_254_740_992,
    seed(/** @type {Buffer} */ bytes) {
      a = bytes.readInt32LE(0);
      b = bytes.readInt32LE(4);
      c = bytes.readInt32LE(8);
      counter = bytes.readInt32LE(12);
      for (let round = 0; round < 12; round++) next();
    },
  };
}

function useUpCaches(/** @type {typeof import("node:crypto")} */ crypto) {
  for (let drawn = 0; drawn < CACHED_UUIDS; drawn++) crypto.randomUUID();
  for (let drawn = 0; drawn < CACHED_NUMBERS; drawn++) crypto.randomInt(2);
}

/** New keys for the session tickets of the TLS servers that listen. */
function renewTicketKeys(/** @type {typeof import("node:crypto")} */ crypto) {
  for (const handle of /** @type {any} */ (process)._getActiveHandles()) {
    if (typeof handle.setTicketKeys === "function") handle.setTicketKeys(crypto.randomBytes(48));
  }
}

/**
 * Throws where the addon cannot be loaded.
 * @param {string} addonFile
 */
export function takeOverRandomness(addonFile) {
  /** @type {{ exports: { reseed?: (contribution: Buffer) => Buffer } }} */
  const addon = { exports: {} };
  process.dlopen(addon, addonFile);
  const reseed = /** @type {(contribution: Buffer) => Buffer} */ (addon.exports.reseed);
  const generator = makeGenerator();
  generator.seed(reseed(Buffer.alloc(0)));
  Math.random = generator.random;
  /** @type {typeof import("node:crypto") | undefined} */
  let crypto;

  return {
    /** What renewing will need is loaded now, because then time counts. */
    async prepare() {
      if (crypto === undefined && process.moduleLoadList.includes("NativeModule internal/crypto/random")) {
        crypto = await import("node:crypto");
        for (let rehearsal = 0; rehearsal < REHEARSALS; rehearsal++) useUpCaches(crypto);
      }
    },
    /** In the clone, before any other code; `contribution` is mixed into the kernel's randomness. */
    renew(/** @type {Buffer} */ contribution) {
      generator.seed(reseed(contribution));
      if (crypto === undefined) return;
      useUpCaches(crypto);
      renewTicketKeys(crypto);
    },
  };
}
