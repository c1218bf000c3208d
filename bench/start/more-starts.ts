import type { StartFunction } from "./functions/start-function.ts";
import type { StartPlatform } from "./platform/start-platform.ts";
import type { LeftOut } from "./result/start-sample.ts";
import type { StartKind } from "./start-plan.ts";

/** What the measurements beside single starts work with. */
export interface MoreStarts {
  readonly platform: StartPlatform;
  readonly functions: readonly StartFunction[];
  readonly kinds: readonly StartKind[];
  /** Kinds of start that functions do not get. */
  readonly leftOut: readonly LeftOut[];
  readonly note: (line: string) => void;
}

export const isLeftOut = ({ leftOut, kinds }: MoreStarts, fn: string, kind: StartKind): boolean =>
  !kinds.includes(kind) || leftOut.some((one) => one.function === fn && one.kind === kind);
