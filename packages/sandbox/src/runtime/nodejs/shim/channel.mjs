/**
 * The function's end of the channel; the wire format is that of `channel/frame.ts` on the platform's side.
 *
 * Writes are synchronous: output precedes the result that follows it, nothing is lost when the handler exits or never
 * returns to the event loop, and a function that writes faster than the platform reads is slowed down instead of
 * growing. The frames of one turn of the event loop leave in one system call.
 */
import fs from "node:fs";
import net from "node:net";

const CHANNEL = 3;
const HEADER = 9;
const INVOKE = 1;
export const QUIESCE = 2;
export const RESUME = 3;
export const LOAD = 4;
export const HELLO = 16;
export const READY = 17;
export const INIT_FAILED = 18;
export const RESULT = 19;
export const FAILED = 20;
export const STDOUT = 21;
export const STDERR = 22;
export const DROPPED = 23;
export const UNCAUGHT = 24;
export const QUIESCED = 25;
export const RESUMED = 26;
export const HOOK_FAILED = 27;
export const LOADED = 28;
export const LOADING = 29;

/** A moment as the platform reads it (channel/frame.ts). */
export function monotonicNow() {
  const [whole, nanoseconds] = process.hrtime();
  return whole + nanoseconds / 1e9;
}

const batch = Buffer.allocUnsafeSlow(65_536);
const sleeper = new Int32Array(new SharedArrayBuffer(4));
let batched = 0;
let flushScheduled = false;

/** Writes everything; waits where the platform does not keep up. */
function writeNow(/** @type {Uint8Array} */ bytes, /** @type {number} */ end) {
  let at = 0;
  while (at < end) {
    try {
      at += fs.writeSync(CHANNEL, bytes, at, end - at);
    } catch (error) {
      // Anything else means that the platform has gone; the reading side sees that too and ends the process.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EAGAIN") return;
      Atomics.wait(sleeper, 0, 0, 0.2);
    }
  }
}

export function flush() {
  flushScheduled = false;
  const end = batched;
  batched = 0;
  if (end > 0) writeNow(batch, end);
}

function putHeader(/** @type {number} */ kind, /** @type {number} */ id, /** @type {number} */ length) {
  batch.writeUInt32LE(length, batched);
  batch[batched + 4] = kind;
  batch.writeUInt32LE(id, batched + 5);
  batched += HEADER;
}

/**
 * Adds a frame to the batch.
 * @param {number} kind
 * @param {number} id
 * @param {readonly number[]} numbers floats before the body
 * @param {string | Uint8Array} body
 */
export function send(kind, id, numbers, body) {
  const prefix = 8 * numbers.length;
  const most = HEADER + prefix + (typeof body === "string" ? body.length * 3 : body.length);
  if (batched + most > batch.length) flush();
  const fits = most <= batch.length;
  const bytes = typeof body !== "string" ? body : fits ? undefined : Buffer.from(body);
  const start = batched;
  putHeader(kind, id, prefix + (bytes?.length ?? 0));
  for (const number of numbers) batched = batch.writeDoubleLE(number, batched);
  if (bytes === undefined) {
    const length = batch.write(/** @type {string} */ (body), batched, "utf8");
    batch.writeUInt32LE(prefix + length, start);
    batched += length;
  } else if (fits) {
    batch.set(bytes, batched);
    batched += bytes.length;
  } else {
    flush();
    writeNow(bytes, bytes.length);
  }
  if (!flushScheduled) {
    flushScheduled = true;
    process.nextTick(flush);
  }
}

const head = Buffer.alloc(HEADER);
let headLength = 0;
/** @type {Buffer | undefined} */
let body;
let bodyLength = 0;

/**
 * @typedef {(id: number, bytes: Buffer, start: number, end: number) => void} InvokeListener The body of the invoke frame
 *   is `bytes` from `start` to `end`, and there only until the listener returns.
 * @type {InvokeListener}
 */
let onInvoke = () => {};

/** @typedef {(kind: number, text: string) => void} ControlListener @type {ControlListener} */
let onControl = () => {};

/** @param {number} kind @param {number} id @param {Buffer} bytes @param {number} start @param {number} end */
function deliver(kind, id, bytes, start, end) {
  if (kind === INVOKE) onInvoke(id, bytes, start, end);
  else onControl(kind, bytes.toString("utf8", start, end));
}

function receive(/** @type {number} */ count, /** @type {Buffer} */ chunk) {
  let at = 0;
  while (at < count) {
    if (headLength === 0 && at + HEADER <= count) {
      const end = at + HEADER + chunk.readUInt32LE(at);
      if (end <= count) {
        deliver(chunk[at + 4], chunk.readUInt32LE(at + 5), chunk, at + HEADER, end);
        at = end;
        continue;
      }
    }
    if (body === undefined) {
      const copied = chunk.copy(head, headLength, at, Math.min(count, at + HEADER - headLength));
      headLength += copied;
      at += copied;
      if (headLength < HEADER) return true;
      body = Buffer.allocUnsafeSlow(head.readUInt32LE(0));
      bodyLength = 0;
    }
    const copied = chunk.copy(body, bodyLength, at, Math.min(count, at + body.length - bodyLength));
    bodyLength += copied;
    at += copied;
    if (bodyLength < body.length) return true;
    const whole = body;
    headLength = 0;
    body = undefined;
    deliver(head[4], head.readUInt32LE(5), whole, 0, whole.length);
  }
  return true;
}

/** The channel as the event loop sees it; a process with nothing else to do lives as long as it is referenced. */
export const channel = new net.Socket({
  fd: CHANNEL,
  onread: { buffer: Buffer.allocUnsafeSlow(65_536), callback: receive },
});

/**
 * From now on frames are taken; `onClose` is called when the platform has gone.
 * @param {InvokeListener} invoke
 * @param {ControlListener} control of all that is no invocation
 * @param {() => void} onClose
 */
export function listen(invoke, control, onClose) {
  onInvoke = invoke;
  onControl = control;
  channel.on("end", onClose).on("error", onClose).on("close", onClose).resume();
}
