/**
 * One row of an Azure 2019 invocations file: how often one function was invoked in each minute of a day.
 */
export interface FunctionTrace {
  /** Hashes as the file has them; Azure's are 64 hexadecimal digits. */
  readonly owner: string;
  readonly app: string;
  readonly function: string;
  /** `http`, `timer`, `queue`, ...; undefined in files that do not tell. */
  readonly trigger: string | undefined;
  /** Invocations of each minute, from the first minute of the file. */
  readonly counts: Uint32Array;
  /** Line of the file, from 1. */
  readonly line: number;
}

/** A row that could not be read, and why. */
export interface TraceProblem {
  readonly line: number;
  readonly problem: string;
}
