// Draws in a process, and then in two twins of it, what should be random. argv: addon with twin(), frugal-reseed.node.
import { writeSync } from "node:fs";
import { createRequire } from "node:module";
import { takeOverRandomness } from "../src/runtime/nodejs/shim/randomness.mjs";

const [, , twinAddon, reseedAddon] = process.argv;
const { twin, leave } = createRequire(import.meta.url)(twinAddon);
const randomness = takeOverRandomness(reseedAddon);
const held = Math.random;
const crypto = await import("node:crypto");

const draws = {
  "Math.random": () => Math.random(),
  "Math.random held before": () => held(),
  randomBytes: () => crypto.randomBytes(16).toString("hex"),
  randomUUID: () => crypto.randomUUID(),
  "uncached randomUUID": () => crypto.randomUUID({ disableEntropyCache: true }),
  "WebCrypto randomUUID": () => globalThis.crypto.randomUUID(),
  randomInt: () => crypto.randomInt(2 ** 40),
  getRandomValues: () => globalThis.crypto.getRandomValues(new Uint32Array(4)).join(),
  "X25519 key": () => crypto.generateKeyPairSync("x25519").publicKey.export({ format: "jwk" }).x,
};
const drawAll = () => Object.fromEntries(Object.entries(draws).map(([name, draw]) => [name, draw()]));

drawAll();
await randomness.prepare();
for (const isRenewed of [false, false, true, true]) {
  if (twin() !== 0) continue;
  if (isRenewed) randomness.renew(Buffer.alloc(64));
  writeSync(1, `${JSON.stringify({ isRenewed, drawn: drawAll() })}\n`);
  leave();
}
