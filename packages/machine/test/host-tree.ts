/**
 * A copy of a recorded host's trees that a test may change, as a running host changes them.
 */
import {
  closeSync,
  constants,
  cpSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const fixtures = fileURLToPath(new URL("../fixtures/", import.meta.url));

/** The recorded tree itself, for tests that only read. */
export const recordedHost = (scenario: string): { readonly sysRoot: string; readonly procRoot: string } => ({
  sysRoot: join(fixtures, scenario, "sys"),
  procRoot: join(fixtures, scenario, "proc"),
});

export class HostTree {
  readonly root: string;

  /** Without a scenario the trees are empty. */
  constructor(scenario?: string) {
    this.root = mkdtempSync(join(tmpdir(), "frugal-host-"));
    if (scenario !== undefined) cpSync(join(fixtures, scenario), this.root, { recursive: true });
  }

  get sysRoot(): string {
    return join(this.root, "sys");
  }

  get procRoot(): string {
    return join(this.root, "proc");
  }

  get devRoot(): string {
    return join(this.root, "dev");
  }

  path(file: string): string {
    return join(this.root, file);
  }

  read(file: string): string {
    return readFileSync(this.path(file), "utf8").trimEnd();
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(this.path(file)), { recursive: true });
    // Cut to length instead of emptied first: some file systems put an emptied and rewritten file on the disk at once.
    const descriptor = openSync(this.path(file), constants.O_WRONLY | constants.O_CREAT, 0o644);
    ftruncateSync(descriptor, writeSync(descriptor, `${text}\n`));
    closeSync(descriptor);
  }

  remove(file: string): void {
    rmSync(this.path(file), { recursive: true });
  }

  /** Adds microjoules to a counter file, which starts again from 0 at `wrapsAt`. */
  count(file: string, microjoules: number, wrapsAt?: bigint): void {
    const sum = BigInt(this.read(file)) + BigInt(microjoules);
    this.write(file, String(wrapsAt === undefined ? sum : sum % wrapsAt));
  }

  /** Adds busy ticks (hundredths of a second) to the processors' use. */
  work(ticks: number): void {
    const [first = "", ...rest] = this.read("proc/stat").split("\n");
    const [name = "", user = "", ...others] = first.split(/ +/);
    this.write("proc/stat", [`${name}  ${Number(user) + ticks} ${others.join(" ")}`, ...rest].join("\n"));
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A tree that lives as long as the running test. */
export function temporaryHost(scenario: string): HostTree {
  const tree = new HostTree(scenario);
  onTestFinished(() => tree.dispose());
  return tree;
}
