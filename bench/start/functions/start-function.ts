/**
 * A function whose starts are measured: what is deployed, what it is invoked with and how its answer is judged.
 *
 * Inputs differ from request to request by a seed, so that no answer can come from memory that a snapshot holds.
 */

export interface StartFunction {
  readonly name: string;
  readonly summary: string;
  /** Deployed as it is. */
  readonly folder: string;
  readonly settings: {
    readonly runtime: "nodejs" | "python3";
    readonly handler: string;
    readonly memoryMiB: number;
    readonly initTimeoutSeconds?: number;
  };
  /** Its npm packages are installed into its folder before it is deployed. */
  readonly installs?: true;
  /** Modules that the host's Python must have, with Debian's names of their packages. */
  readonly pythonModules?: Readonly<Record<string, string>>;
  /** Whether `holdMs` in its payload keeps a finished invocation for so long. */
  readonly holds: boolean;
  payload(seed: number): object;
  /** What is wrong with `output`, its parsed answer to `payload(seed)`; undefined where it is right. */
  check(seed: number, output: unknown): string | undefined;
}
