/**
 * CPU time of one process and of its children that it has waited for, from `/proc/<pid>/stat`, kept open.
 */
import { type Seconds, seconds } from "@frugal/core";
import { OpenFile } from "../../host/open-file.ts";

/** Linux reports in 1/100 s to user space on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;
/** utime, stime, cutime, cstime: fields 14 to 17, counted here from the one after the name. */
const FIRST_FIELD = 11;
const LAST_FIELD = 15;

export class ProcessCpuTime {
  readonly #stat: OpenFile;
  #last: Seconds | undefined;

  private constructor(stat: OpenFile) {
    this.#stat = stat;
  }

  /** Undefined where there is no such process. */
  static of(pid: number | undefined): ProcessCpuTime | undefined {
    try {
      return pid === undefined ? undefined : new ProcessCpuTime(new OpenFile(`/proc/${pid}/stat`));
    } catch {
      return undefined;
    }
  }

  /** Keeps its last value when the process has ended. */
  read(): Seconds | undefined {
    const text = this.#stat.read();
    if (text !== undefined) {
      const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
      const ticks = fields.slice(FIRST_FIELD, LAST_FIELD).reduce((sum, field) => sum + Number(field), 0);
      this.#last = seconds(ticks / TICKS_PER_SECOND);
    }
    return this.#last;
  }

  close(): void {
    this.#stat.close();
  }
}
