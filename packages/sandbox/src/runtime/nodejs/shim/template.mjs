/**
 * What a template of snapshots, and each clone of it, does beyond an ordinary instance: it loads in phases, comes to rest
 * before it is dumped, and becomes distinct from all other clones after it was restored.
 *
 * All of it is loaded before the dump. The requests come one at a time.
 */
import { setImmediate as turn } from "node:timers/promises";
import v8 from "node:v8";
import vm from "node:vm";
import {
  flush,
  HOOK_FAILED,
  LOAD,
  LOADED,
  LOADING,
  monotonicNow,
  QUIESCE,
  QUIESCED,
  READY,
  RESUME,
  RESUMED,
  send,
} from "./channel.mjs";
import { adopt, describe } from "./execution.mjs";
import { traceLoading } from "./loading-trace.mjs";
import { takeOverRandomness } from "./randomness.mjs";

/**
 * @typedef {{ beforeSnapshot: (() => unknown)[], afterRestore: (() => unknown)[] }} Hooks In order of their registration.
 *
 * @typedef {object} TemplateParts
 * @property {Hooks} hooks
 * @property {(load: () => Promise<void>) => Promise<void>} initialise ends the process where `load` fails
 * @property {() => Promise<void>} loadFunction
 * @property {(file: string) => Promise<unknown>} loadModule
 *
 * @typedef {Record<string, string>} Environment
 */

/** The value of a variable that no function should see. */
function take(/** @type {string} */ name) {
  const value = process.env[name] ?? "";
  delete process.env[name];
  return value;
}

/**
 * Leaves no garbage in the young generation, which every clone would take along. A collection of the old one is left out: it
 * throws away compiled code, and the next invocation takes twice as long.
 */
function collectGarbage() {
  v8.setFlagsFromString("--expose-gc");
  vm.runInNewContext("gc")({ type: "minor", execution: "sync" });
  v8.setFlagsFromString("--no-expose-gc");
}

async function run(/** @type {(() => unknown)[]} */ hooks) {
  for (const hook of hooks) await hook();
}

/**
 * The variables as the platform sets them, all of them each time; those that the function has changed meanwhile stay as
 * they are. What was given before and is not now belongs to another function, or to none.
 */
function makeEnvironment() {
  /** @type {NodeJS.ProcessEnv} */
  let given = { ...process.env };
  return {
    update(/** @type {Environment} */ environment) {
      const { env } = process;
      for (const name of new Set([...Object.keys(given), ...Object.keys(environment)])) {
        if (env[name] !== given[name]) continue;
        const value = environment[name];
        if (value === undefined) delete env[name];
        else env[name] = value;
      }
      given = { ...environment };
    },
  };
}

/** Why this process cannot be dumped, or what renews its randomness. */
function openRandomness(/** @type {string} */ addonFile) {
  try {
    return { randomness: takeOverRandomness(addonFile) };
  } catch (error) {
    return { problem: error };
  }
}

/** @param {TemplateParts} parts */
export function makeTemplate({ hooks, initialise, loadFunction, loadModule }) {
  const startsWithFunction = take("FRUGAL_TEMPLATE") === "function";
  const { randomness, problem } = openRandomness(take("FRUGAL_RESEED"));
  const environment = makeEnvironment();

  /** Runs `loading`, and tells what it involved. */
  async function tracing(/** @type {() => Promise<void>} */ loading, areShared = false) {
    const trace = traceLoading(areShared);
    await initialise(loading);
    send(LOADING, 0, [], JSON.stringify(trace.end()));
  }

  async function loadTraced() {
    await tracing(loadFunction);
    send(READY, 0, [monotonicNow()], "");
  }

  /** @param {{ environment: Environment, modules?: string[], isTraced?: boolean }} request */
  async function load(request) {
    environment.update(request.environment);
    await adopt();
    const { modules, isTraced } = request;
    const loading = modules === undefined ? loadFunction : () => loadAll(modules);
    await (isTraced === true ? tracing(loading, modules !== undefined) : initialise(loading));
    send(modules === undefined ? READY : LOADED, 0, [monotonicNow()], "");
  }

  async function loadAll(/** @type {readonly string[]} */ modules) {
    for (const file of modules) await loadModule(file);
  }

  async function quiesce() {
    if (randomness === undefined) throw problem;
    await run(hooks.beforeSnapshot.toReversed());
    await turn();
    collectGarbage();
    // Last, because a collection may throw compiled code away.
    await randomness.prepare();
    send(QUIESCED, 0, [monotonicNow()], "");
  }

  /** @param {{ environment: Environment, entropy: string }} clone */
  async function resume(clone) {
    randomness?.renew(Buffer.from(clone.entropy, "base64"));
    environment.update(clone.environment);
    delete process.env._X_AMZN_TRACE_ID;
    await adopt();
    await run(hooks.afterRestore);
    send(RESUMED, 0, [monotonicNow()], "");
  }

  const fail = (/** @type {unknown} */ thrown) => send(HOOK_FAILED, 0, [], JSON.stringify(describe(thrown)));

  return {
    startsWithFunction,
    loadFunction: loadTraced,
    /** @type {import("./channel.mjs").ControlListener} */
    control(kind, text) {
      if (kind === QUIESCE) quiesce().catch(fail);
      else if (kind === LOAD) void load(JSON.parse(text));
      else if (kind === RESUME) {
        resume(JSON.parse(text)).catch((error) => {
          fail(error);
          flush();
          process.exit(1);
        });
      }
    },
  };
}
