/**
 * Executes invocations with AWS Lambda's semantics: async and callback handlers, the context, errors, output.
 */
import { Writable } from "node:stream";
import { channel, DROPPED, FAILED, flush, RESULT, send, STDERR, STDOUT, UNCAUGHT } from "./channel.mjs";

const RESULT_LIMIT = 6_291_556;
const OUTPUT_LIMIT = 1_048_576;
const environment = process.env;

/** Frames of this folder's files say nothing about the function. */
const shimFolder = new URL(".", import.meta.url).href;

/** What every context says alike; not read for each, because reading the environment is slow. */
const readFunctionFacts = () => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
  memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
  identity: undefined,
});
let functionFacts = readFunctionFacts();

/**
 * @typedef {object} Output What an invocation (or the time outside of any) wrote so far.
 * @property {number} id 0 outside invocations
 * @property {number} written bytes passed on
 * @property {number} dropped bytes beyond the limit
 *
 * @typedef {Output & { settled: boolean, before: Usage, place: number }} Invocation `before` is what the process had used
 *   when it began, `place` its index in `running`.
 */

/** @type {Output} */
const outside = { id: 0, written: 0, dropped: 0 };
/**
 * In no order. No Map: under churn V8 keeps what was deleted from one alive until the next full collection.
 * @type {Invocation[]}
 */
const running = [];
/** Tells concurrent invocations apart. @type {import("node:async_hooks").AsyncLocalStorage<Invocation> | undefined} */
let storage;

const currentInvocation = () => (storage === undefined ? running[0] : storage.getStore());

/** The last of the list takes the place of `invocation`. */
function forget(/** @type {Invocation} */ invocation) {
  const last = running.pop();
  if (last === undefined || last === invocation) return;
  running[invocation.place] = last;
  last.place = invocation.place;
}

function output(/** @type {number} */ kind, /** @type {Uint8Array} */ bytes) {
  const invocation = currentInvocation();
  const owner = invocation === undefined || invocation.settled ? outside : invocation;
  const room = Math.min(bytes.length, OUTPUT_LIMIT - owner.written);
  owner.dropped += bytes.length - room;
  if (room === 0) return;
  owner.written += room;
  send(kind, owner.id, [], room === bytes.length ? bytes : bytes.subarray(0, room));
  flush();
}

function reportDropped(/** @type {Output} */ owner) {
  if (owner.dropped > 0) send(DROPPED, owner.id, [owner.dropped], "");
  owner.dropped = 0;
}

/** Replaces `process[name]`; made at its first use, because many functions never write. */
function redirect(
  /** @type {"stdout" | "stderr"} */ name,
  /** @type {number} */ kind,
  /** @type {number} */ fd,
) {
  /** @type {Writable | undefined} */
  let stream;
  const make = () =>
    Object.assign(
      new Writable({
        decodeStrings: true,
        emitClose: false,
        autoDestroy: false,
        write(chunk, _encoding, done) {
          output(kind, chunk);
          done();
        },
      }),
      { fd, isTTY: false },
    );
  Object.defineProperty(process, name, {
    configurable: true,
    enumerable: true,
    get: () => (stream ??= make()),
  });
}

/** An error in AWS Lambda's form, whatever was thrown. */
export function describe(/** @type {unknown} */ thrown, /** @type {string | undefined} */ type = undefined) {
  if (thrown instanceof Error || Object.prototype.toString.call(thrown) === "[object Error]") {
    const { name, message, stack } = /** @type {Error} */ (thrown);
    return {
      errorType: type ?? String(name ?? "Error"),
      errorMessage: String(message ?? ""),
      stackTrace: String(stack ?? "")
        .split("\n")
        .filter((line) => !line.includes(shimFolder)),
    };
  }
  return { errorType: type ?? typeof thrown, errorMessage: inWords(thrown), stackTrace: [] };
}

function inWords(/** @type {unknown} */ value) {
  if (typeof value === "object" && value !== null) {
    try {
      return JSON.stringify(value);
    } catch {
      return Object.prototype.toString.call(value);
    }
  }
  return String(value);
}

/** @typedef {{ cpu: number, pageFaults: number }} Usage Of the process so far; CPU time in microseconds. @returns {Usage} */
const usageSoFar = () => {
  const { userCPUTime, systemCPUTime, minorPageFault, majorPageFault } = process.resourceUsage();
  return { cpu: userCPUTime + systemCPUTime, pageFaults: minorPageFault + majorPageFault };
};

/** Invocations side by side cannot be told apart: nobody knows what one of them has used. */
const unknown = { cpu: NaN, pageFaults: NaN };

/** Sends the outcome of an invocation once; later ones are ignored, as Lambda does. */
function settle(
  /** @type {Invocation} */ invocation,
  /** @type {number} */ kind,
  /** @type {string} */ body,
) {
  if (invocation.settled) return;
  invocation.settled = true;
  forget(invocation);
  reportDropped(invocation);
  const { before } = invocation;
  const after = before === unknown ? unknown : usageSoFar();
  send(kind, invocation.id, [(after.cpu - before.cpu) / 1e6, after.pageFaults - before.pageFaults], body);
}

function fail(
  /** @type {Invocation} */ invocation,
  /** @type {unknown} */ thrown,
  /** @type {string | undefined} */ type = undefined,
) {
  settle(invocation, FAILED, JSON.stringify(describe(thrown, type)));
}

function succeed(/** @type {Invocation} */ invocation, /** @type {unknown} */ value) {
  let text;
  try {
    text = JSON.stringify(value) ?? "null";
  } catch (error) {
    fail(invocation, error, "Runtime.MarshalError");
    return;
  }
  const most = text.length * 3;
  const length = most > RESULT_LIMIT ? Buffer.byteLength(text) : most;
  if (length <= RESULT_LIMIT) settle(invocation, RESULT, text);
  else fail(invocation, tooLarge(length), "Function.ResponseSizeTooLarge");
}

const tooLarge = (/** @type {number} */ length) =>
  `The result has ${length} bytes; the limit is ${RESULT_LIMIT}. Return less, or store it and return where it is.`;

/** @typedef {(event: unknown, context: object, callback: Function) => unknown} Handler */
/** @type {Handler} */
let handler;

/** Invocations go to `loaded` from now on. */
export function setHandler(/** @type {Handler} */ loaded) {
  handler = loaded;
}

/** What to do once nothing keeps the event loop busy: callback handlers' results wait for that. @type {(() => void)[]} */
let whenIdle = [];

/** Without the channel the event loop runs empty; `beforeExit` then takes the channel back. */
function awaitIdle(/** @type {() => void} */ action) {
  whenIdle.push(action);
  channel.unref();
}

function becomeIdle() {
  channel.ref();
  const actions = whenIdle;
  whenIdle = [];
  for (const action of actions) action();
}

/**
 * @param {string[]} metadata
 * @param {number} deadline
 * @param {{ done: Function, succeed: Function, fail: Function }} outcomes
 */
function makeContext(metadata, deadline, { done, succeed, fail }) {
  const [awsRequestId, invokedFunctionArn, , clientContext] = metadata;
  return {
    ...functionFacts,
    invokedFunctionArn,
    awsRequestId,
    clientContext: clientContext ? JSON.parse(Buffer.from(clientContext, "base64").toString()) : undefined,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done,
    succeed,
    fail,
  };
}

/** @param {Invocation} invocation @param {string[]} metadata @param {number} timeoutMs @param {string} payload */
function execute(invocation, metadata, timeoutMs, payload) {
  /** @type {ReturnType<typeof makeContext>} */
  let context;
  let called = false;
  const done = (/** @type {unknown} */ error, /** @type {unknown} */ value) => {
    if (called) return;
    called = true;
    const finish = () => (error == null ? succeed(invocation, value) : fail(invocation, error));
    // An error does not wait, and a promise's outcome, which comes first, makes both moot.
    if (error == null && context.callbackWaitsForEmptyEventLoop) awaitIdle(finish);
    else finish();
  };
  try {
    const event = payload === "" ? {} : JSON.parse(payload);
    context = makeContext(metadata, Date.now() + timeoutMs, {
      done,
      succeed: (/** @type {unknown} */ value) => done(null, value),
      fail: (/** @type {unknown} */ error) => done(error ?? "handled", null),
    });
    const returned = handler(event, context, done);
    if (typeof (/** @type {any} */ (returned)?.then) === "function") {
      /** @type {Promise<unknown>} */ (returned).then(
        (value) => succeed(invocation, value),
        (error) => fail(invocation, error),
      );
    } else if (returned !== undefined && handler.length < 3) succeed(invocation, returned);
    else if (!called) awaitIdle(() => called || succeed(invocation, null));
  } catch (error) {
    fail(invocation, error);
  }
}

/** @type {import("./channel.mjs").InvokeListener} */
export function invoke(id, bytes, start, end) {
  const timeoutMs = bytes.readUInt32LE(start);
  const payloadStart = start + 8 + bytes.readUInt32LE(start + 4);
  const metadata = bytes.toString("latin1", start + 8, payloadStart).split("\0");
  const payload = bytes.toString("utf8", payloadStart, end);
  const before = storage === undefined ? usageSoFar() : unknown;
  const invocation = { id, settled: false, before, written: 0, dropped: 0, place: running.length };
  outside.written = 0;
  running.push(invocation);
  if (storage !== undefined) {
    storage.run(invocation, execute, invocation, metadata, timeoutMs, payload);
    return;
  }
  if (metadata[2]) environment._X_AMZN_TRACE_ID = metadata[2];
  execute(invocation, metadata, timeoutMs, payload);
}

/** The process ends because of `thrown`: says so in the log, and to the invocation whose fault it is, or else to all. */
export function failRunning(/** @type {unknown} */ thrown, /** @type {string | undefined} */ type) {
  const description = describe(thrown, type);
  const stack = description.stackTrace.join("\n") || `${description.errorType}: ${description.errorMessage}`;
  output(STDERR, Buffer.from(`${stack}\n`));
  const culprit = currentInvocation();
  const failed = culprit !== undefined && !culprit.settled ? [culprit] : [...running];
  for (const invocation of failed) {
    reportDropped(invocation);
    send(UNCAUGHT, invocation.id, [], JSON.stringify(description));
  }
}

/** Takes over the process's output and its event loop's idleness. */
export function prepare() {
  redirect("stdout", STDOUT, 1);
  redirect("stderr", STDERR, 2);
  process.on("beforeExit", becomeIdle);
  process.on("exit", () => {
    for (const invocation of running) reportDropped(invocation);
    reportDropped(outside);
    flush();
  });
}

/** Adapts to what the environment says of the function; again wherever that has changed. */
export async function adopt() {
  functionFacts = readFunctionFacts();
  if (Number(environment.AWS_LAMBDA_MAX_CONCURRENCY ?? 1) === 1 || storage !== undefined) return;
  const { AsyncLocalStorage } = await import("node:async_hooks");
  storage = new AsyncLocalStorage();
}
