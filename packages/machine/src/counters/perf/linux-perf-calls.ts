/**
 * perf_event_open(2) has no function in any C library: it is called by its number through libc's syscall(2). The library
 * that can do so is loaded with the first use.
 */
import { closeSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { messageOf } from "@frugal/core";
import type * as koffi from "koffi";
import type { PerfAccess } from "./perf-calls.ts";

/** Its number, by `process.arch`. */
const callNumbers: Readonly<Partial<Record<string, number>>> = { x64: 298, arm64: 241 };

/** Functions are started by forking; they get nothing of it. */
const CLOSE_ON_EXEC = 8;

/** A variadic function, whose arguments Linux passes like those of any other on both architectures. */
const SYSCALL =
  "long syscall(long number, void *attribute, int pid, int cpu, int group, unsigned long flags)";

export function linuxPerfCalls(): PerfAccess {
  const number = process.platform === "linux" ? callNumbers[process.arch] : undefined;
  if (number === undefined)
    return { kind: "unavailable", reason: `events are not counted on ${process.platform} ${process.arch}` };
  try {
    const require = createRequire(import.meta.url);
    const library = require("koffi") as typeof koffi;
    const call = library.load(null).func(SYSCALL) as (...values: unknown[]) => number;
    return {
      kind: "available",
      calls: {
        open: (attribute, { pid, cpu, flags }, leader) => {
          const descriptor = call(number, attribute, pid, cpu, leader, flags | CLOSE_ON_EXEC);
          return descriptor < 0 ? -library.errno() : descriptor;
        },
        read: (descriptor, into) => readSync(descriptor, into, 0, into.length, null),
        close: closeSync,
      },
    };
  } catch (error) {
    return { kind: "unavailable", reason: `the library koffi cannot be loaded: ${messageOf(error)}` };
  }
}
