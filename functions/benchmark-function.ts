/**
 * A benchmark function: what is deployed, what it is invoked with and how its answer is judged.
 *
 * The folder of a function is deployed as it is; its description stays with us. Inputs come in the three sizes of SeBS
 * and are made by code, the same on every machine.
 *
 * Invariants (cited by the tests):
 *   B1  `check` accepts what the function answers to `payload`, in every size and runtime
 *   B2  `check` refuses an answer that differs from the right one in any field (a signature, or the coding of compressed data,
 *       may be another if it means the same)
 *   B3  `payload` gives the same document every time, under 5 MB
 */

/** About 1 to 10 ms, 10 to 100 ms, and 0.3 to 2 s of one core when warm. */
export const inputSizes = ["test", "small", "large"] as const;
export type InputSize = (typeof inputSizes)[number];

/** Where a function comes from: the paper that measured it, the suite it was taken from there, and its name in it. */
export interface Origin {
  readonly paper: "arm64-prediction" | "energy-aware-scheduling" | "kypous";
  readonly suite: "SeBS" | "FunctionBench" | "original";
  readonly name: string;
}

/** One implementation of a function. */
export interface Implementation {
  /** `module.export`, as AWS Lambda names a handler. */
  readonly handler: string;
  /** The folder to deploy, relative to this one. */
  readonly folder: string;
}

export interface BenchmarkFunction {
  readonly name: string;
  readonly summary: string;
  readonly origins: readonly [Origin, ...Origin[]];
  readonly runtimes: { readonly nodejs: Implementation; readonly python3?: Implementation };
  /** Memory limit that every size fits in. */
  readonly memoryMebibytes: number;
  /** Ample for the largest size on a slow machine. */
  readonly timeoutSeconds: number;
  payload(size: InputSize): object;
  /**
   * What is wrong with `output`, the function's parsed answer to `payload`; undefined where it is right. `payload` must be the
   * document that the method of that name made for `size`.
   */
  check(size: InputSize, payload: object, output: unknown): string | undefined;
}
