/**
 * The Node runtime inside a unit: loads the handler, then executes what arrives over the channel until it closes.
 *
 * Plain JavaScript in three small files with few imports, because every cold start pays for them.
 */
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { flush, HELLO, INIT_FAILED, listen, READY, send } from "./channel.mjs";
import { describe, failRunning, invoke, prepare, setHandler } from "./execution.mjs";

const taskRoot = process.env.LAMBDA_TASK_ROOT ?? process.cwd();
const handlerName = process.env._HANDLER ?? "";
let isReady = false;

function crash(
  /** @type {unknown} */ thrown,
  /** @type {string | undefined} */ type,
  /** @type {number} */ code,
) {
  failRunning(thrown, type);
  if (!isReady) send(INIT_FAILED, 0, undefined, JSON.stringify(describe(thrown, type)));
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

/** A moment as the platform reads it (channel/frame.ts). */
function monotonicNow() {
  const [whole, nanoseconds] = process.hrtime();
  return whole + nanoseconds / 1e9;
}

const EXTENSIONS = [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"];

/** The module and the path of the export that `name` (`folder/module.export`) stands for. */
function resolveHandler(/** @type {string} */ name) {
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

process.on("uncaughtException", (error) => crash(error, undefined, 129));
process.on("unhandledRejection", (reason) => crash(reason, "Runtime.UnhandledPromiseRejection", 128));
listen(invoke, () => process.exit(0));
await prepare(Number(process.env.AWS_LAMBDA_MAX_CONCURRENCY ?? 1));
send(HELLO, 0, monotonicNow(), "");
flush();
try {
  setHandler(await loadHandler());
  isReady = true;
  send(READY, 0, monotonicNow(), "");
} catch (error) {
  crash(error, undefined, 1);
}
