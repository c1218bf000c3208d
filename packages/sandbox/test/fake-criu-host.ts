/**
 * A host in a temporary folder that has no programs but those that a test writes: no criu, no apt. Programs are started by
 * their names, as on a PATH.
 */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../src/host/command.ts";
import type { CriuHost } from "../src/snapshot/criu/criu-host.ts";

export interface FakeCriuHost extends CriuHost {
  /** Holds everything of this host. */
  readonly root: string;
  /** Writes a shell script; what it appends to $CALLS is in `calls`. */
  program(name: string, ...lines: readonly string[]): void;
  calls(): readonly string[];
  remove(): void;
}

/** Lines of a criu of this version, whose check ends as the shell command `check` says. */
export const criuLines = (version: string, check = "true"): readonly string[] => [
  `case "$*" in`,
  `  *--version) echo "Version: ${version}" ;;`,
  `  *check) ${check} ;;`,
  `esac`,
];

/** Lines of an apt-get that downloads two packages, and of a dpkg-deb that unpacks them: a criu of this version. */
export const aptLines: readonly string[] = [
  `work=$(dirname "$2")`,
  `echo "apt-get $*" >> $CALLS`,
  `case "$*" in *install*) touch $work/cache/archives/libc6.deb $work/cache/archives/criu.deb ;; esac`,
];
export const dpkgDebLines = (version: string): readonly string[] => [
  `case $2 in *criu.deb) mkdir -p $3/usr/sbin $3/usr/share/doc; touch $3/usr/sbin/criu; exit ;; esac`,
  `libraries=$3/usr/lib/x86_64-linux-gnu; mkdir -p $libraries/gconv`,
  `cat > $libraries/ld-linux-x86-64.so.2 <<'END'`,
  "#!/bin/sh",
  ...criuLines(version),
  "END",
  `chmod +x $libraries/ld-linux-x86-64.so.2`,
];

/** A new one, or another view of the one in `root`. */
export function fakeCriuHost({
  isRoot = true,
  root = mkdtempSync(join(tmpdir(), "criu-host-")),
} = {}): FakeCriuHost {
  const programs = join(root, "bin");
  const calls = join(root, "calls");
  mkdirSync(programs, { recursive: true });
  writeFileSync(join(root, "keyring"), "");
  const program: FakeCriuHost["program"] = (name, ...lines) => {
    writeFileSync(join(programs, name), ["#!/bin/sh", `CALLS=${calls}`, ...lines, ""].join("\n"));
    chmodSync(join(programs, name), 0o755);
  };
  // Without namespaces; where it is to keep what criu found out, that is one word.
  program("unshare", `[ "$5" = criu ] || echo features > "$5"`, `shift 5`, `exec "$@"`);
  return {
    root,
    isRoot,
    folder: join(root, "criu"),
    keyring: join(root, "keyring"),
    programFolders: [programs],
    run: (name, args) => runCommand(name.startsWith("/") ? name : join(programs, name), args),
    program,
    calls: () => readFileSync(calls, { encoding: "utf8", flag: "a+" }).split("\n").slice(0, -1),
    remove: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}
