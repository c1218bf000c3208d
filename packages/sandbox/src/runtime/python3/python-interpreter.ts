/**
 * The Python 3 interpreter of this host: the system's, or else the one in PATH.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { messageOf } from "@frugal/core";

export interface PythonInterpreter {
  readonly executable: string;
  /** The folder that holds all of it, where that is not one that every unit sees. */
  readonly prefix: string | undefined;
}

const SYSTEM_PYTHON = "/usr/bin/python3";
const INSTALL =
  "install Python 3 (Debian: apt-get install python3), or put python3 into PATH, and start again";
/** Prints what is behind any wrapper or virtual environment. */
const QUESTION =
  'import os, sys; v = "%d.%d" % sys.version_info[:2]; ' +
  'print(os.path.realpath(os.path.join(sys.base_prefix, "bin", "python" + v))); print(sys.base_prefix)';

/** The interpreter, or what is missing. Asking a wrapper costs a start of Python. */
export function findPython():
  | { readonly kind: "found"; readonly interpreter: PythonInterpreter }
  | { readonly kind: "missing"; readonly reason: string } {
  if (existsSync(SYSTEM_PYTHON)) {
    return { kind: "found", interpreter: { executable: SYSTEM_PYTHON, prefix: undefined } };
  }
  let answer: string;
  try {
    answer = execFileSync("python3", ["-I", "-c", QUESTION], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch (error) {
    return { kind: "missing", reason: `no usable python3 on this host (${messageOf(error)}): ${INSTALL}` };
  }
  const [executable = "", prefix = ""] = answer.split("\n");
  if (!existsSync(executable)) {
    return { kind: "missing", reason: `python3 in PATH names ${executable}, which is not there: ${INSTALL}` };
  }
  return { kind: "found", interpreter: { executable, prefix: prefix === "/usr" ? undefined : prefix } };
}
