/**
 * Why the kernel does not count an event.
 */
import { constants } from "node:os";
import { join } from "node:path";
import { getSystemErrorName } from "node:util";
import { pseudoTextOf } from "../../host/pseudo-file.ts";

const { EACCES, EPERM, ENOENT, ENODEV, EOPNOTSUPP, EMFILE, ESRCH, ENOSYS, EBADF } = constants.errno;

/** `error` is positive; as part of a sentence. */
export function refusalReason(error: number, procRoot = "/proc"): string {
  switch (error) {
    case ENOENT:
    case ENODEV:
    case EOPNOTSUPP:
      return "this processor, or the hypervisor above it, does not count it";
    case EACCES:
    case EPERM: {
      const level = pseudoTextOf(join(procRoot, "sys/kernel/perf_event_paranoid")) ?? "unknown";
      return `the kernel forbids it (perf_event_paranoid is ${level}): run as root, or sysctl kernel.perf_event_paranoid=0`;
    }
    case EMFILE:
      return "too many files are open";
    case ESRCH:
      return "the process has ended";
    case ENOSYS:
      return "the kernel is built without performance events, or a filter hides them";
    case EBADF:
      return "the kernel counts no events by this cgroup";
    default:
      return `perf_event_open fails with ${getSystemErrorName(-error)}`;
  }
}
