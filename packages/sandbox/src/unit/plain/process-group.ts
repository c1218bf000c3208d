import { readdirSync, readFileSync } from "node:fs";

/** Whether a process of `group` still runs. Looks at every process of the host: for the rare case only. */
export const hasLivingMember = (group: number | undefined): boolean =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      const [state, , processGroup] = fieldsAfterName(pid);
      return processGroup === String(group) && state !== "Z" && state !== "X";
    });

/** The fields of `/proc/<pid>/stat` from the third, the state, on; none where the process is gone. */
function fieldsAfterName(pid: string): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}
