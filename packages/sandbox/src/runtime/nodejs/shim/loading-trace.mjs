/**
 * What loading a function involves: the files, in the order in which they are loaded, and the environment variables that
 * are read meanwhile. Of modules that functions share also what else of the package they look at.
 */
import fs from "node:fs";
import module from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** A package's files, or the shim's own way of finding modules. */
const isOfPackage = (/** @type {string} */ file) => file.includes("/node_modules/");

function traceFiles() {
  /** @type {Set<string>} */
  const files = new Set();
  const hooks = module.registerHooks({
    load(url, context, nextLoad) {
      if (url.startsWith("file:")) files.add(fileURLToPath(url));
      return nextLoad(url, context);
    },
  });
  return {
    end() {
      hooks.deregister();
      return [...files].map((path) => ({ module: path, path, isDependency: isOfPackage(path) }));
    },
  };
}

/** Stands in for `process.env` until its end. */
function traceEnvironment() {
  const environment = process.env;
  const before = { ...environment };
  /** @type {Record<string, string | null>} */
  const reads = {};
  const note = (/** @type {string | symbol} */ name) => {
    if (typeof name === "string") reads[name] = before[name] ?? null;
  };
  const replace = (/** @type {NodeJS.ProcessEnv} */ value) => {
    process.env = value;
    module.syncBuiltinESMExports();
  };
  replace(
    new Proxy(environment, {
      get: (_, name) => (note(name), environment[/** @type {string} */ (name)]),
      has: (_, name) => (note(name), name in environment),
      getOwnPropertyDescriptor: (_, name) => (
        note(name),
        Reflect.getOwnPropertyDescriptor(environment, name)
      ),
      ownKeys() {
        for (const name of Object.keys(before)) note(name);
        return Reflect.ownKeys(environment);
      },
      set: (_, name, value) => Reflect.set(environment, name, value),
    }),
  );
  return {
    end() {
      replace(environment);
      return reads;
    },
  };
}

/** A function, and no class. */
const isFunction = (/** @type {string} */ name, /** @type {unknown} */ value) =>
  typeof value === "function" && /^[a-z]/.test(name);

/** Paths in the package that are looked at by node:fs: files, folders and what is not there. */
function traceLooks() {
  const root = `${process.env.LAMBDA_TASK_ROOT ?? process.cwd()}/`;
  /** @type {Set<string>} */
  const looks = new Set();
  let isOver = false;

  function note(/** @type {unknown} */ place) {
    if (isOver || !(typeof place === "string" || place instanceof URL || Buffer.isBuffer(place))) return;
    const text = place instanceof URL ? place.protocol === "file:" && fileURLToPath(place) : String(place);
    if (text === false) return;
    const found = path.resolve(text);
    // Of installed packages everything counts, looked at or not.
    if (`${found}/`.startsWith(root) && !isOfPackage(`${found}/`)) looks.add(found);
  }

  /** @type {(() => void)[]} */
  const restorations = [];
  for (const owner of /** @type {Record<string, any>[]} */ ([fs, fs.promises])) {
    for (const [name, original] of Object.entries(owner)) {
      if (!isFunction(name, original)) continue;
      const traced = new Proxy(original, {
        apply(target, self, values) {
          note(values[0]);
          return Reflect.apply(target, self, values);
        },
      });
      owner[name] = traced;
      restorations.push(() => {
        if (owner[name] === traced) owner[name] = original;
      });
    }
  }
  module.syncBuiltinESMExports();
  return {
    end() {
      isOver = true;
      for (const restore of restorations) restore();
      module.syncBuiltinESMExports();
      const [there, absences] = [[...looks].filter(isThere), [...looks].filter((one) => !isThere(one))];
      return { files: there.map((one) => ({ module: one, path: one, isDependency: false })), absences };
    },
  };
}

const isThere = (/** @type {string} */ place) => fs.lstatSync(place, { throwIfNoEntry: false }) !== undefined;

/** `areShared`: what is loaded is to serve other functions, too. */
export function traceLoading(/** @type {boolean} */ areShared) {
  const files = traceFiles();
  const looks = areShared ? traceLooks() : undefined;
  const environment = traceEnvironment();
  return {
    /** The report, as channel/frame.ts has it. */
    end() {
      const looked = looks?.end();
      return {
        environmentReads: environment.end(),
        files: [...files.end(), ...(looked?.files ?? [])],
        absences: looked?.absences ?? [],
      };
    },
  };
}
