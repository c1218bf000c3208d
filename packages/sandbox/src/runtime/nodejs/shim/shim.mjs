/**
 * The Node runtime inside a unit: loads the handler, then executes what arrives over the channel until it closes.
 *
 * Plain JavaScript in three small files with few imports, because every cold start pays for them. What only templates of
 * snapshots and their clones need is in `template.mjs`.
 */
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { flush, HELLO, HOOK_FAILED, INIT_FAILED, listen, monotonicNow, READY, send } from "./channel.mjs";
import { adopt, describe, failRunning, invoke, prepare, setHandler } from "./execution.mjs";

const environment = process.env;
let isReady = false;

function crash(
  /** @type {unknown} */ thrown,
  /** @type {string | undefined} */ type,
  /** @type {number} */ code,
) {
  failRunning(thrown, type);
  if (!isReady) send(INIT_FAILED, 0, [], JSON.stringify(describe(thrown, type)));
  flush();
  process.exit(code);
}

class InitError extends Error {
  constructor(/** @type {string} */ name, /** @type {string} */ message) {
    super(message);
    this.name = name;
    this.stack = `${name}: ${message}`;
  }
}

const EXTENSIONS = [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"];

/** The module and the path of the export that `name` (`folder/module.export`) stands for. */
function resolveHandler(/** @type {string} */ name) {
  const taskRoot = environment.LAMBDA_TASK_ROOT ?? process.cwd();
  const dot = name.indexOf(".", name.lastIndexOf("/") + 1);
  const stem = path.resolve(taskRoot, name.slice(0, dot));
  const file = EXTENSIONS.map((extension) => stem + extension).find((file) => fs.existsSync(file));
  if (dot < 0 || file === undefined) {
    throw new InitError("Runtime.ImportModuleError", `No module for the handler "${name}" in ${taskRoot}`);
  }
  return { file, exported: name.slice(dot + 1).split(".") };
}

async function loadModule(/** @type {string} */ file) {
  try {
    // Loads ES modules as well, faster than import() does, unless they await at their top level.
    return createRequire(file)(file);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code !== "ERR_REQUIRE_ASYNC_MODULE" && code !== "ERR_REQUIRE_ESM") throw error;
    return await import(pathToFileURL(file).href);
  }
}

async function loadHandler() {
  const handlerName = environment._HANDLER ?? "";
  const { file, exported } = resolveHandler(handlerName);
  const module = await loadModule(file);
  const find = (/** @type {any} */ from) => exported.reduce((value, key) => value?.[key], from);
  const found = find(module) ?? find(module.default);
  if (typeof found !== "function") {
    throw new InitError(
      "Runtime.HandlerNotFound",
      `${path.basename(file)} exports no function "${exported.join(".")}" (handler "${handlerName}")`,
    );
  }
  return found;
}

/** The process ends where `load` fails. */
async function initialise(/** @type {() => Promise<void>} */ load) {
  try {
    await load();
  } catch (error) {
    crash(error, undefined, 1);
  }
}

/** Loads the function that the environment names. */
async function loadFunction() {
  setHandler(await loadHandler());
  isReady = true;
}

/** @type {import("./template.mjs").Hooks} */
const hooks = { beforeSnapshot: [], afterRestore: [] };

/** How a function registers hooks of one kind: a function that takes a function, which may be async. */
const registration = (/** @type {(() => unknown)[]} */ list) => (/** @type {() => unknown} */ hook) => {
  if (typeof hook !== "function") throw new TypeError("A hook must be a function");
  list.push(hook);
};

/** What a function can say about snapshots of itself; there in every instance, used in templates and clones. */
globalThis.frugal = Object.freeze({
  registerBeforeSnapshot: registration(hooks.beforeSnapshot),
  registerAfterRestore: registration(hooks.afterRestore),
});

const template =
  environment.FRUGAL_TEMPLATE === undefined
    ? undefined
    : (await import("./template.mjs")).makeTemplate({ hooks, initialise, loadFunction, loadModule });

function refuse() {
  const refusal = describe("This instance was not started as a template", "Runtime.NoTemplate");
  send(HOOK_FAILED, 0, [], JSON.stringify(refusal));
}

process.on("uncaughtException", (error) => crash(error, undefined, 129));
process.on("unhandledRejection", (reason) => crash(reason, "Runtime.UnhandledPromiseRejection", 128));
listen(invoke, template?.control ?? refuse, () => process.exit(0));
prepare();
await adopt();
send(HELLO, 0, [monotonicNow()], "");
flush();
if (template === undefined) {
  await initialise(loadFunction);
  send(READY, 0, [monotonicNow()], "");
} else if (template.startsWithFunction) await template.loadFunction();
