/**
 * The folder where a platform keeps its state, and what it leaves there for the commands that talk to it.
 */
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";

const SYSTEM_WIDE = "/var/lib/frugal";

export interface DataDirectoryWish {
  /** `--data`, as given. */
  readonly data: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly isRoot: boolean;
}

/** --data, FRUGAL_DATA, /var/lib/frugal for root, and the XDG data folder for everyone else. */
export function dataDirectoryOf({ data, environment, workingDirectory, isRoot }: DataDirectoryWish): string {
  const asked = data ?? environment["FRUGAL_DATA"];
  if (asked !== undefined && asked !== "") return resolve(workingDirectory, asked);
  if (isRoot) return SYSTEM_WIDE;
  const shared = environment["XDG_DATA_HOME"] ?? "";
  return join(
    shared.startsWith("/") ? shared : join(environment["HOME"] ?? homedir(), ".local/share"),
    "frugal",
  );
}

/** Where commands look for a running platform: the named folder only, or the usual ones. */
export function dataDirectoriesToSearch(wish: DataDirectoryWish): readonly string[] {
  const own = dataDirectoryOf(wish);
  const isNamed = (wish.data ?? wish.environment["FRUGAL_DATA"] ?? "") !== "";
  return isNamed || own === SYSTEM_WIDE ? [own] : [own, SYSTEM_WIDE];
}

export const isRoot = (): boolean => process.getuid?.() === 0;

/** How a running platform is reached; it is in the data directory while the platform runs. */
export interface Endpoint {
  readonly url: string;
  readonly pid: number;
}

/** `started` tells the process from a later one with the same number. */
const endpointSchema = z.object({ url: z.url(), pid: z.int().positive(), started: z.string().optional() });
const endpointFile = (dataDirectory: string): string => join(dataDirectory, "endpoint.json");

/** The platform that says it runs here, or undefined; one whose process is gone does not count. */
export async function readEndpoint(dataDirectory: string): Promise<Endpoint | undefined> {
  const text = await readIfThere(endpointFile(dataDirectory));
  if (text === undefined) return undefined;
  const endpoint = endpointSchema.safeParse(parsed(text));
  if (!endpoint.success) return undefined;
  const { url, pid, started } = endpoint.data;
  const isSame = started === undefined || started === (await startOf(pid));
  return isSame && isAlive(pid) ? { url, pid } : undefined;
}

export async function writeEndpoint(dataDirectory: string, endpoint: Endpoint): Promise<void> {
  const started = await startOf(endpoint.pid);
  await writeAtomically(endpointFile(dataDirectory), `${JSON.stringify({ ...endpoint, started })}\n`);
}

/** Removes what `writeEndpoint` of process `pid` wrote; another platform's stays. */
export async function removeEndpoint(dataDirectory: string, pid: number): Promise<void> {
  const endpoint = await readEndpoint(dataDirectory);
  if (endpoint?.pid === pid) await rm(endpointFile(dataDirectory), { force: true });
}

export const apiKeyFile = (dataDirectory: string): string => join(dataDirectory, "api-key");

/** The key that the platform made at its first start; undefined where there is none or it may not be read. */
export async function readApiKey(dataDirectory: string): Promise<string | undefined> {
  return (await readIfThere(apiKeyFile(dataDirectory)))?.trim();
}

/**
 * Makes the folder and those above it, where they are missing. Not with Node's `recursive`: where a file system says
 * ENOENT for every new folder (/proc), that tries for ever.
 */
export async function makeFolder(folder: string): Promise<void> {
  const missing: string[] = [];
  for (let one = folder; !(await isThere(one)); one = dirname(one)) missing.push(one);
  for (const one of missing.reverse()) {
    await mkdir(one, { mode: 0o711 }).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    });
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Readers see the old content or the new, never a part. */
export async function writeAtomically(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.draft`;
  try {
    await writeFile(draft, text);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

const readIfThere = (file: string): Promise<string | undefined> =>
  readFile(file, "utf8").catch(() => undefined);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** When a process started, in clock ticks since the boot (proc_pid_stat(5), field 22); undefined where there is no /proc. */
async function startOf(pid: number): Promise<string | undefined> {
  const line = await readIfThere(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses and may hold anything.
  return line?.slice(line.lastIndexOf(")") + 2).split(" ")[19];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Someone else's process is alive all the same.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
